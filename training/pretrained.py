"""Gives `spacy train` the pre-trained tok2vec (its `--code`, together with numpy's products)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.pipeline import EntityRecognizer

import training.fast_ops  # noqa: F401


@spacy.registry.callbacks("newsbeam.load_tok2vec.v1")
def load_tok2vec(path: Path | None) -> Callable[[Language], Language]:
    """Put the weights of `training.pretrain` into NER's tok2vec; without a path, nothing."""

    def load(nlp: Language) -> Language:
        recognizer = nlp.get_pipe("ner")
        assert isinstance(recognizer, EntityRecognizer)
        if path is not None:
            recognizer.model.get_ref("tok2vec").layers[0].from_bytes(Path(path).read_bytes())
        return nlp

    return load
