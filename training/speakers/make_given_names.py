"""Derives `transforms/nlp/data/given_names.tsv` from the data of the package nomquamgender.

Usage: python -m training.speakers.make_given_names PATH/TO/name_data.json
(`pip download --no-deps nomquamgender`, then unzip `nomquamgender/name_data.json`; MIT licence).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[2] / "transforms" / "nlp" / "data" / "given_names.tsv"
MIN_SOURCES = 4  # lists of names that have it: fewer is mostly noise
NAME = re.compile(r"[a-z][a-z'\-]{1,19}")
HEADER = """\
# Given names (lower case, no diacritics) and how many in a hundred of their bearers are women.
# Derived from nomquamgender 0.1.4 by training/speakers/make_given_names.py: names that stand in
# at least four of its 36 public sources. Copyright (c) 2022 Ian Van Buskirk, MIT licence.
"""


def main(source: str) -> None:
    names = json.loads(Path(source).read_text(encoding="utf-8"))
    rows = sorted(
        (name.replace("’", "'"), round(100 * share))
        for name, (sources, _count, share, _flags) in names.items()
        if sources >= MIN_SOURCES and NAME.fullmatch(name.replace("’", "'"))
    )
    lines = [f"{name}\t{share}\n" for name, share in rows]
    TARGET.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
