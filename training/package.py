"""Puts the trained parts together into one pipeline folder that plain `spacy.load` reads.

usage: python -m training.package --trees FOLDER --names FOLDER [--gazetteer FOLDER] --output FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline import Lemmatizer
from thinc.api import Model
from thinc.types import FloatsXd

META = Path(__file__).with_name("meta.json")
KEPT_BITS = 12  # of the 23 after the binary point


def assemble(trees: Path, names: Path, gazetteer: Path | None) -> Language:
    """Join tagger, morphologizer, parser, a rule lemmatizer and NER into one pipeline.

    NER was trained with a part of the gazetteer; the pipeline gets the whole of it.
    """
    nlp = spacy.load(trees)
    if gazetteer is not None:
        nlp.vocab.vectors = spacy.load(gazetteer).vocab.vectors
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "rule"})
    assert isinstance(lemmatizer, Lemmatizer)
    lemmatizer.initialize(nlp=nlp)
    recognizer = spacy.load(names)
    recognizer.vocab.vectors = nlp.vocab.vectors
    nlp.add_pipe("ner", source=recognizer, before="parser")  # sentences would cut its names
    nlp.meta.update(json.loads(META.read_text(encoding="utf-8")))
    nlp.meta.pop("performance", None)
    round_weights(nlp)
    nlp.config["paths"] = dict.fromkeys(nlp.config["paths"])
    return nlp


def round_weights(nlp: Language, kept_bits: int = KEPT_BITS) -> None:
    """Zero the last bits of every weight, so that the files pack well in git and in wheels."""
    dropped = np.uint32(23 - kept_bits)
    half = np.uint32(1) << (dropped - np.uint32(1))
    for name in nlp.pipe_names:
        model = getattr(nlp.get_pipe(name), "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            for param in node.param_names:
                if node.has_param(param):
                    weights = np.ascontiguousarray(node.get_param(param), dtype="float32")
                    bits = weights.view(np.uint32)
                    rounded = ((bits + half) >> dropped) << dropped
                    node.set_param(param, cast(FloatsXd, rounded.view(np.float32)))


def trim_strings(nlp: Language, folder: Path) -> None:
    """Keep the label strings only: those of the training texts are of no use to a reader."""
    labels = {
        label for name in nlp.pipe_names for label in getattr(nlp.get_pipe(name), "labels", ())
    }
    labels |= {part for label in labels for part in label.split("|")}
    kept = sorted(label for label in labels if label in nlp.vocab.strings)
    (folder / "vocab" / "strings.json").write_text(json.dumps(kept, indent=0), encoding="utf-8")


def write_folder(nlp: Language, output: Path, extra: tuple[Path, ...] = ()) -> int:
    """Write a pipeline at once: a reader sees the old folder or the new one; gives its bytes."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".new-model-") as scratch:
        fresh, old = Path(scratch) / "fresh", Path(scratch) / "old"
        nlp.to_disk(fresh)
        trim_strings(nlp, fresh)
        for path in extra:
            shutil.copy(path, fresh / path.name)
        if output.exists():
            for kept in ("README.md", "LICENSE"):
                if (output / kept).exists() and not (fresh / kept).exists():
                    shutil.copy(output / kept, fresh / kept)
            os.rename(output, old)
        os.rename(fresh, output)
    return sum(path.stat().st_size for path in output.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=Path, required=True)
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--gazetteer", type=Path, help="the pipeline with the whole gazetteer")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    size = write_folder(assemble(options.trees, options.names, options.gazetteer), options.output)
    print(f"{options.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
