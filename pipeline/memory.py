"""How a process keeps memory while it works, and gives it back between two passes."""

import ctypes
import gc
import os

import pyarrow as pa

_KEPT_BYTES = 128 << 20  # free memory at the heap's end that is kept
_LARGEST_ON_HEAP = 32 << 20  # bytes; glibc's limit
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def keep_memory() -> None:
    """Let glibc keep what was freed for what comes next, in this process and in those it starts.

    By default it gives back every batch's arrays and takes them anew, which costs a page fault
    for 4 KB of them: some 600 an article. See mallopt(3); another C library knows none of this.
    """
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(_KEPT_BYTES))
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(_LARGEST_ON_HEAP))
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_M_TRIM_THRESHOLD, int(os.environ["MALLOC_TRIM_THRESHOLD_"]))
    mallopt(_M_MMAP_THRESHOLD, int(os.environ["MALLOC_MMAP_THRESHOLD_"]))


def release_memory() -> None:
    """Free what a pass has left behind: Beam's graphs are full of cycles, and glibc keeps holes."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return  # another C library; it has ways of its own
