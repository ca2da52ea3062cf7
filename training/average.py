"""Averages the weights of NER models that go back to one first training.

usage: python -m training.average OUTPUT MODEL MODEL...
Trainings that start from the same weights end in one valley, whose middle does better than its
edges (Wortsman et al. 2022, "Model soups", https://arxiv.org/abs/2203.05482).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from thinc.types import FloatsXd


def average_weights(models: Sequence[Language], pipe: str = "ner") -> Language:
    """Give the first pipeline with the mean of all pipelines' weights in one component."""
    parts = [model.get_pipe(pipe) for model in models]
    networks = [list(part.model.walk()) for part in parts if isinstance(part, EntityRecognizer)]
    for nodes in zip(*networks, strict=True):
        for name in nodes[0].param_names:
            if nodes[0].has_param(name):
                weights = [np.asarray(node.get_param(name)) for node in nodes]
                nodes[0].set_param(name, cast(FloatsXd, np.mean(weights, axis=0, dtype="float32")))
    return models[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("models", type=Path, nargs="+")
    options = parser.parse_args()
    average_weights([spacy.load(path) for path in options.models]).to_disk(options.output)


if __name__ == "__main__":
    main()
