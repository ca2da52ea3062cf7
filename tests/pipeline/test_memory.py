"""Memory that is freed and taken again."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from pipeline.memory import keep_memory, release_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "kept":
    keep_memory()
for turn in range(50):
    arrays = [np.ones(1 << 20, np.uint8) for _ in range(20)]
    if turn == 4:
        before = faults()
    del arrays
resident = faults() - before
print(resident)
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="another C library has other ways to keep memory"
)
def test_what_a_batch_freed_serves_the_next_without_page_faults():
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    faults = {
        how: int(
            subprocess.run(
                [sys.executable, "-c", PROGRAM, how],
                check=True,
                capture_output=True,
                text=True,
                env=plain,
            ).stdout
        )
        for how in ("kept", "given back")
    }
    assert faults["kept"] < faults["given back"] / 10
