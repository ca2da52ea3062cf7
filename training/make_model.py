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
FAST_OPS = CONFIGS.with_name("fast_ops.py")
CODE = {"names": CONFIGS.with_name("pretrained.py")}  # what a training's config needs
SEED = 1
WORDS = 6_000_000  # running words of the pre-training
NAME_SEEDS = {"names": SEED, "names-again": SEED + 10}  # other names are swapped in by the second
HELD_BACK = 0.35  # share of the gazetteer that the trainings do not see
# share of names whose class the trainings do not see
CLASSES_HELD_BACK = {"names": 0.35, "names-tune": 0.1, "trees": 0.1}
SMALL = (
    *("--components.tok2vec.model.encode.depth", "4"),
    *("--components.parser.model.hidden_width", "64"),
)
NO_VECTORS = ("--components.tok2vec.model.embed.include_static_vectors", "false")


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
    for folder, number in NAME_SEEDS.items():
        output = ("--corpora", corpora, "--output", work / folder)
        run("training.name_corpus", *output, "--seed", str(number))
    gazetteer = ("training.gazetteer", "--corpora", corpora, "--output")
    for training, share in CLASSES_HELD_BACK.items():
        held = ("--held-back", str(HELD_BACK), "--classes-held-back", str(share))
        run(*gazetteer, work / f"gazetteer-{training}", *held)
    run(*gazetteer, work / "gazetteer")


def train(work: Path, name: str, documents: Path, *extra: object) -> None:
    """Run one training with its config; `extra` overrides settings."""
    run(
        *("spacy", "train", CONFIGS / f"{name}.cfg", "--code", CODE.get(name, FAST_OPS)),
        *(() if "--output" in extra else ("--output", work / f"{name}-model")),
        *("--paths.train", documents, "--paths.dev", documents.with_name("dev.spacy")),
        *extra,
    )


def train_trees(work: Path, corpora: Path, *extra: str) -> None:
    """Train two small parsers, then a larger one with the news that they agree about.

    The second is without vectors: nearly as good, with other mistakes. The first one goes on with
    the news that it has parsed itself before it parses them again for the last training.
    """
    documents = work / "trees" / "train.spacy"
    vectors = ("--paths.vectors", work / "gazetteer-trees")
    small, plain, tuned = (work / f"trees-{name}-model" for name in ("small", "plain", "tune"))
    train(work, "trees", documents, *vectors, *SMALL, "--output", small, *extra)
    train(work, "trees", documents, *SMALL, *NO_VECTORS, "--output", plain, *extra)
    news = parse_news(work, corpora, "tune", small, plain)
    train(work, "trees-tune", news, *vectors, "--paths.base", small / "model-last", *extra)
    train(work, "trees", parse_news(work, corpora, "news", tuned, plain), *vectors, *extra)


def parse_news(work: Path, corpora: Path, name: str, *parsers: Path) -> Path:
    """Write the treebanks' documents and the news that parsers and annotation agree about."""
    output = work / "trees" / f"{name}.spacy"
    models = ("--parsers", *(parser / "model-last" for parser in parsers))
    whole = ("--gazetteer", work / "gazetteer", "--corpora", corpora)
    run("training.news_tree_corpus", *models, *whole, "--output", output)
    return output


def pretrain(corpora: Path, work: Path, words: int) -> Path:
    """Pre-train NER's tok2vec on bare texts."""
    output = work / "tok2vec.bin"
    vectors = ("--vectors", work / "gazetteer", "--output", output, "--words", str(words))
    run("training.pretrain", "--corpora", corpora, *vectors)
    return output


def train_names(work: Path, tok2vec: Path, *extra: str) -> None:
    """Train NER on everything, go on with news above all, twice, and average the two."""
    vectors = ("--paths.vectors", work / "gazetteer-names", "--paths.tok2vec", tok2vec)
    train(work, "names", work / "names" / "train.spacy", *vectors, *extra)
    vectors = ("--paths.vectors", work / "gazetteer-names-tune")
    base = ("--paths.base", work / "names-model" / "model-best")
    for seed, folder in enumerate(NAME_SEEDS, start=SEED):
        start = (*vectors, *base, "--system.seed", str(seed), "--output", work / f"{folder}-tuned")
        train(work, "names-tune", work / folder / "tune.spacy", *start, *extra)
    tuned = (work / f"{folder}-tuned" / "model-last" for folder in NAME_SEEDS)
    run("training.average", work / "names-averaged", *tuned)


def package(work: Path, output: Path) -> None:
    """Put the trained parts together."""
    run(
        *("training.package", "--output", output),
        *("--trees", work / "trees-model" / "model-last"),
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
        train_trees(work, corpora, *extra)
    if options.only != "trees":
        words = WORDS if options.steps is None else 1000 * options.steps
        train_names(work, pretrain(corpora, work, words), *extra)
    package(work, options.output.resolve())
    run("training.score", options.output.resolve(), work / "trees")
    run("training.score_speech", options.output.resolve())
    run("benchmarks.names", corpora.parent, "--model", options.output.resolve())


if __name__ == "__main__":
    main()
