"""Loads a language pipeline with newsbeam's components, and annotates articles with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps, get_current_ops, use_ops

from schemas.errors import AnnotateError, ModelError
from schemas.flow import AnnotatedArticle, Lineage
from schemas.rows import Article
from transforms.nlp import components
from transforms.nlp.embedding_cache import cache_embeddings
from transforms.nlp.lemma_cache import cache_lemmas
from transforms.nlp.rows import annotate_rows

BUNDLED = "en_newsbeam_sm"
BATCH_SIZE = 16  # texts a batch
MAX_TEXT_LENGTH = 1_000_000  # characters of one article
MAX_TOKENS = 60_000  # of one article: the parser needs some 20 KB of memory a token
MAX_RUN_LENGTH = 1_000  # characters without white space: the tokenizer is quadratic in them

_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LONG_RUN = re.compile(rf"\S{{{MAX_RUN_LENGTH},}}")


def load_pipeline(name: str = BUNDLED, *, caches: bool = True) -> Language:
    """Load a spaCy pipeline by name and add newsbeam's components.

    `name` is the bundled pipeline or any installed one (`en_core_web_sm`) with a parser and an
    entity recognizer. Without `caches` it can be trained and saved, and takes longer for the same
    results. Raises ModelError, with the remedy, where it cannot be used.
    """
    nlp = _load(name)
    missing = [pipe for pipe in ("parser", "ner") if pipe not in nlp.pipe_names]
    if missing:
        raise ModelError(
            f"the language pipeline has no {' and no '.join(missing)}; "
            f"take one that has, such as {BUNDLED} or en_core_web_sm",
            name,
        )
    nlp.max_length = MAX_TEXT_LENGTH
    nlp.add_pipe("newsbeam_line_breaks", before="parser")
    nlp.add_pipe("newsbeam_entities", last=True)
    nlp.add_pipe("quotations", last=True)
    if caches:
        cache_embeddings(nlp)
        cache_lemmas(nlp)
    return nlp


def model_version(nlp: Language) -> str:
    """Name and version of a pipeline, as the tables' `model_version` gives them."""
    return f"{nlp.meta['lang']}_{nlp.meta['name']}-{nlp.meta['version']}"


def installed_version(name: str) -> str | None:
    """The `model_version` of a pipeline that is installed, read without loading it.

    None where only loading tells.
    """
    folder = Path(__file__).parent / BUNDLED if name == BUNDLED else Path(name)
    if not folder.exists() and spacy.util.is_package(name):
        folder = spacy.util.get_package_path(name)
    try:
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        return f"{meta['lang']}_{meta['name']}-{meta['version']}"
    except (OSError, ValueError, KeyError):
        return None


def annotate_texts(
    nlp: Language, articles: Iterable[tuple[Article, Lineage]]
) -> Iterator[AnnotatedArticle | AnnotateError]:
    """Annotate articles in batches, in order; one that fails gives an AnnotateError instead."""
    batch: list[tuple[Article, Lineage]] = []
    for item in articles:
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield from _annotate_batch(nlp, batch)
            batch = []
    yield from _annotate_batch(nlp, batch)


def readable_text(text: str) -> str:
    """Give a text of the same length that spaCy can take.

    Lone surrogates become U+FFFD; no-break and other typographic spaces, which would be words of
    their own and part a subject from its verb, become plain ones; runs of a thousand and more
    characters without white space (no words, and quadratic to tokenize) become blanks.
    """
    text = _WIDE_SPACE.sub(" ", _SURROGATE.sub("\ufffd", text))
    return _LONG_RUN.sub(lambda match: " " * len(match.group()), text)


def _load(name: str) -> Language:
    assert components  # imported so that the factories are known
    bundled = Path(__file__).parent / BUNDLED
    try:
        with _cpu_ops():
            if name == BUNDLED and (bundled / "meta.json").exists():
                return spacy.load(bundled)
            return spacy.load(name)
    except OSError as error:
        raise ModelError(
            f"the language pipeline is not installed; run: python -m spacy download {name}", name
        ) from error
    except (ValueError, KeyError, ImportError) as error:
        raise ModelError(f"the language pipeline does not load: {error}", name) from error


def _cpu_ops() -> AbstractContextManager[None]:
    """On a CPU, multiply with NumPy's own BLAS: BLIS's wheel has only a generic kernel."""
    if isinstance(get_current_ops(), NumpyOps):
        return use_ops("numpy", use_blis=False)
    return nullcontext()


def _annotate_batch(
    nlp: Language, batch: list[tuple[Article, Lineage]]
) -> Iterator[AnnotatedArticle | AnnotateError]:
    """Run a batch; where it fails as a whole, run its texts one by one."""
    tokenized = [_tokenize(nlp, article) for article, _ in batch]
    docs = [doc for doc in tokenized if isinstance(doc, Doc)]
    try:
        parsed: Iterator[Doc | None] = iter(list(nlp.pipe(docs, batch_size=BATCH_SIZE)))
    except Exception:
        parsed = iter([None] * len(docs))
    for item, doc in zip(batch, tokenized, strict=True):
        yield doc if isinstance(doc, AnnotateError) else _annotate_one(nlp, item, next(parsed))


def _tokenize(nlp: Language, article: Article) -> Doc | AnnotateError:
    """Split a text into tokens; one that is too long to be parsed gives an error."""
    length = len(article.text_content)
    if length > nlp.max_length:
        return AnnotateError(
            f"the text has {length} characters, more than {nlp.max_length}", article.article_id
        )
    doc = nlp.make_doc(readable_text(article.text_content))
    if len(doc) > MAX_TOKENS:
        return AnnotateError(
            f"the text has {len(doc)} words and marks, more than {MAX_TOKENS}", article.article_id
        )
    return doc


def _annotate_one(
    nlp: Language, item: tuple[Article, Lineage], doc: Doc | None
) -> AnnotatedArticle | AnnotateError:
    article, lineage = item
    try:
        return annotate_rows(doc or nlp(readable_text(article.text_content)), article, lineage)
    except Exception as error:
        return AnnotateError(f"{type(error).__name__}: {error}", article.article_id)
