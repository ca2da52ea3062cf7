"""Makes the bundled pipeline from the corpora with one command: convert, train, package, score.

usage: python -m training.make_model --corpora FOLDER --output FOLDER [--work FOLDER]
The corpora are the folder `free` that training/README.md describes.
The trainings run one after the other; `--only trees` or `--only names` runs one of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFIGS = Path(__file__).parent / "configs"
SEED = 1
HELD_BACK = 0.35  # share of the gazetteer that the trainings do not see
CLASSES_HELD_BACK = {"names": 0.35, "names-tune": 0.1}  # share of names whose class is not seen


def run(*command: object) -> None:
    """Run one step as its own process, on one core, and stop where it fails."""
    words = [str(word) for word in command]
    print("+", " ".join(words), flush=True)
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment = os.environ | one_core | {"PYTHONHASHSEED": str(SEED)}
    subprocess.run([sys.executable, "-m", *words], check=True, cwd=ROOT, env=environment)


def convert(corpora: Path, work: Path) -> None:
    """Write the training documents and the gazetteers."""
    seed = ("--seed", str(SEED))
    run("training.tree_corpus", "--corpora", corpora, "--output", work / "trees", *seed)
    run("training.name_corpus", "--corpora", corpora, "--output", work / "names", *seed)
    gazetteer = ("training.gazetteer", "--corpora", corpora, "--output")
    for training, share in CLASSES_HELD_BACK.items():
        held = ("--held-back", str(HELD_BACK), "--classes-held-back", str(share))
        run(*gazetteer, work / f"gazetteer-{training}", *held)
    run(*gazetteer, work / "gazetteer")


def train(work: Path, name: str, documents: Path, *extra: object) -> None:
    """Run one training with its config; `extra` overrides settings."""
    run(
        *("spacy", "train", CONFIGS / f"{name}.cfg", "--output", work / f"{name}-model"),
        *("--code", Path(__file__).parent / "fast_ops.py"),
        *("--paths.train", documents, "--paths.dev", documents.with_name("dev.spacy")),
        *extra,
    )


def train_trees(work: Path, *extra: str) -> None:
    """Train tagger, morphologizer and parser."""
    train(work, "trees", work / "trees" / "train.spacy", *extra)


def train_names(work: Path, *extra: str) -> None:
    """Train NER on everything, go on with news above all, and average the two."""
    vectors = ("--paths.vectors", work / "gazetteer-names")
    train(work, "names", work / "names" / "train.spacy", *vectors, *extra)
    vectors = ("--paths.vectors", work / "gazetteer-names-tune")
    base = ("--paths.base", work / "names-model" / "model-best")
    train(work, "names-tune", work / "names" / "tune.spacy", *vectors, *base, *extra)
    trained = (work / f"{name}-model" / "model-last" for name in ("names", "names-tune"))
    run("training.average", work / "names-averaged", *trained)


def package(work: Path, output: Path) -> None:
    """Put the trained parts together."""
    run(
        *("training.package", "--output", output),
        *("--trees", work / "trees-model" / "model-best"),
        *("--names", work / "names-averaged"),
        *("--gazetteer", work / "gazetteer"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder corpora/free")
    parser.add_argument("--output", type=Path, required=True, help="where the pipeline goes")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "training")
    parser.add_argument("--only", choices=("trees", "names"), help="train this part only")
    parser.add_argument("--steps", type=int, help="stop each training early, to try the recipe")
    options = parser.parse_args()
    corpora, work = options.corpora.resolve(), options.work.resolve()
    convert(corpora, work)
    extra = () if options.steps is None else ("--training.max_steps", str(options.steps))
    if options.only != "names":
        train_trees(work, *extra)
    if options.only != "trees":
        train_names(work, *extra)
    package(work, options.output.resolve())
    run("training.score", options.output.resolve(), work / "trees")
    run("benchmarks.names", corpora.parent, "--model", options.output.resolve())


if __name__ == "__main__":
    main()
