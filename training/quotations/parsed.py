"""Parses texts with a language pipeline, once: later calls read the trees from a cache."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, DocBin

from transforms.nlp.load import readable_text

ATTRIBUTES = [
    "ORTH", "TAG", "POS", "MORPH", "LEMMA", "DEP", "HEAD", "SENT_START", "ENT_IOB", "ENT_TYPE",
    "SPACY",
]  # fmt: skip
OWN_PIPES = ("newsbeam_entities", "quotations")


def parse_texts(
    nlp: Language, texts: Sequence[str], pipes: Sequence[str] = OWN_PIPES
) -> Iterator[Doc]:
    """Yield the documents of texts: parsed, or from the cache, then put through `pipes`.

    The cache lies in the temporary folder and is keyed by the pipeline's weights and the texts.
    """
    path = _cache_path(nlp, texts)
    if not path.exists():
        _write(nlp, texts, path)
    for doc in DocBin().from_disk(path).get_docs(nlp.vocab):
        for pipe in pipes:
            doc = nlp.get_pipe(pipe)(doc)
        yield doc


def _write(nlp: Language, texts: Sequence[str], path: Path) -> None:
    store = DocBin(attrs=ATTRIBUTES)
    for doc in nlp.pipe(map(readable_text, texts), batch_size=16, disable=list(OWN_PIPES)):
        store.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    store.to_disk(unfinished)
    unfinished.replace(path)


def _cache_path(nlp: Language, texts: Sequence[str]) -> Path:
    digest = hashlib.sha256()
    for pipe in ("tok2vec", "tagger", "parser", "ner"):
        if nlp.has_pipe(pipe):
            model = getattr(nlp.get_pipe(pipe), "model", None)
            digest.update(model.to_bytes() if model is not None else b"")
    for text in texts:
        digest.update(readable_text(text).encode() + b"\0")
    return Path(tempfile.gettempdir()) / "newsbeam-parsed" / f"{digest.hexdigest()[:24]}.spacy"
