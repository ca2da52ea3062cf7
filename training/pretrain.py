"""Pre-trains NER's tok2vec on bare texts: it guesses the vectors of masked words.

The vectors hold a word's lists and the code of its Brown class (`gazetteer.py`), so to guess a
vector is to guess what kind of word stands here. Of names all words are masked together, as their
neighbours would give them away (whole-word masking over runs of capitals; Joshi et al. 2020,
"SpanBERT", https://arxiv.org/abs/1907.10529).

usage: python -m training.pretrain --corpora FOLDER --vectors FOLDER --output FILE [--words COUNT]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_config, registry
from thinc.api import Adam, Linear, Maxout, Model, chain, fix_random_seed, list2array, warmup_linear

import training.fast_ops  # noqa: F401  (numpy's matrix products)
from training.name_corpus import training_texts

SEED = 1
TEXT_SEED = 7  # other swapped copies than those that names are trained on
ROOT = Path(__file__).parent
MASK = "[MASK]"
MASKED = 0.12  # share of words from which masking starts; runs of capitals make it about 0.2
KEPT, SWAPPED = 0.1, 0.1  # of the masked words: left as they are, replaced by another word
BATCH = 1200  # words


def read_docs(corpora: Path, newscorpus: Path, nlp: Language) -> list[Doc]:
    """Tokenize the free texts and the news, with some swapped copies: 1.7 million words."""
    texts = training_texts(
        corpora, newscorpus, Random(TEXT_SEED), news_copies=2, free_copies=1, templates=0
    )
    return list(nlp.tokenizer.pipe(named.text for named in texts))


def batches(docs: Sequence[Doc], random: Random) -> Iterator[list[Doc]]:
    """Yield the documents without end, in new order each time, some hundred words at once."""
    order = list(docs)
    while True:
        random.shuffle(order)
        batch, size = list[Doc](), 0
        for doc in order:
            batch.append(doc)
            size += len(doc)
            if size >= BATCH:
                yield batch
                batch, size = [], 0


def mask(doc: Doc, random: Random) -> tuple[Doc, list[int]]:
    """Give the document with some words masked, and their positions."""
    words, places = [token.text for token in doc], list[int]()
    i = 0
    while i < len(words):
        end = i + 1
        if _is_capital(words[i]):
            while end < len(words) and _is_capital(words[end]):
                end += 1
        if random.random() < MASKED and not words[i].isspace():
            places += range(i, end)
        i = end
    replaced = list(words)
    for place in places:
        draw = random.random()
        if draw < SWAPPED:
            replaced[place] = words[random.randrange(len(words))]
        elif draw >= SWAPPED + KEPT:
            replaced[place] = MASK
    spaces = [bool(token.whitespace_) for token in doc]
    return Doc(doc.vocab, words=replaced, spaces=spaces), places


def _is_capital(word: str) -> bool:
    return word[:1].isupper() and word != "I"


def targets(docs: Sequence[Doc], masked: Sequence[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Give the rows of the masked words in the batch, and their vectors at length one."""
    rows, vectors, offset = [], [], 0
    for doc, places in zip(docs, masked, strict=True):
        for place in places:
            vector = doc[place].vector
            length = float(np.linalg.norm(vector))
            if length:
                rows.append(offset + place)
                vectors.append(vector / length)
        offset += len(doc)
    return np.asarray(rows, dtype="int64"), np.asarray(vectors, dtype="float32")


def pretrain(tok2vec: Model, docs: Sequence[Doc], words: int, width: int) -> None:
    """Train the layer on `words` running words; the loss is one minus the cosine, a masked word."""
    random = Random(SEED)
    size = docs[0].vocab.vectors_length
    head: Model = chain(
        list2array(), Maxout(nO=256, nI=width, nP=3, normalize=True), Linear(nO=size, nI=256)
    )
    model: Model = chain(tok2vec, head)
    model.initialize(X=[docs[0][:10].as_doc()])
    steps = words // BATCH
    optimizer = Adam(
        learn_rate=warmup_linear(0.0015, 200, int(steps * 1.05)), L2=0.01, grad_clip=1.0
    )
    seen, losses, started = 0, list[float](), time.time()
    for step, batch in enumerate(batches(docs, random)):
        changed, masked = zip(*(mask(doc, random) for doc in batch), strict=True)
        rows, wanted = targets(batch, masked)
        guessed, backprop = model.begin_update(list(changed))
        found = guessed[rows]
        lengths = np.linalg.norm(found, axis=1, keepdims=True) + 1e-8
        cosines = (found * wanted).sum(axis=1, keepdims=True) / lengths
        gradient = np.zeros_like(guessed)
        gradient[rows] = (cosines * found / lengths - wanted) / lengths / len(rows) * 10
        backprop(gradient)
        model.finish_update(optimizer)
        optimizer.step_schedules()
        seen += sum(map(len, batch))
        losses.append(float(1 - cosines.mean()))
        if step % 200 == 0:
            speed = seen / (time.time() - started)
            print(step, seen, f"{np.mean(losses[-200:]):.4f} {speed:.0f} words/s", flush=True)
        if step >= steps:
            break


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "names.cfg")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--newscorpus", type=Path, default=ROOT / "newscorpus")
    parser.add_argument("--vectors", type=Path, required=True, help="the whole gazetteer")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--words", type=int, default=6_000_000, help="running words to train on")
    options = parser.parse_args()
    fix_random_seed(SEED)
    nlp = spacy.load(options.vectors)
    config = load_config(options.config).interpolate()["components"]["ner"]["model"]["tok2vec"]
    tok2vec = registry.resolve({"model": config})["model"]
    docs = read_docs(options.corpora, options.newscorpus, nlp)
    print(len(docs), sum(map(len, docs)), flush=True)
    pretrain(tok2vec, docs, options.words, config["embed"]["width"])
    options.output.write_bytes(tok2vec.to_bytes())


if __name__ == "__main__":
    main()
