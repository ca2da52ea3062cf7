"""Learns all weights that say who speaks, in the order in which they build on one another.

    python -m training.speakers --corpora CORPORA/free [--newscorpus training/newscorpus]

First pronouns and descriptions (`train.py`), then what marks, cues and floating quotations mean and
how sure the answer is (`training/quotations`). Needed anew whenever the bundled model changes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

MODEL = Path("transforms/nlp/en_newsbeam_sm")
NEWSCORPUS = Path("training/newscorpus")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpora", required=True, help="the folder of the free corpora (GUM)")
    parser.add_argument("--newscorpus", default=str(NEWSCORPUS))
    parser.add_argument("--model", default=str(MODEL))
    options = parser.parse_args()
    steps = (
        ["training.speakers.train", options.model, options.newscorpus, options.corpora],
        ["training.quotations", "--newscorpus", options.newscorpus, "--model", options.model],
    )
    for step in steps:  # a process each: weights are read once a process
        subprocess.run([sys.executable, "-m", *step], check=True)


if __name__ == "__main__":
    main()
