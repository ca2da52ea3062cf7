"""Give memory back between two passes of a long-running process."""

import ctypes
import gc

import pyarrow as pa


def release_memory() -> None:
    """Free what a pass has left behind: Beam's graphs are full of cycles, and glibc keeps holes."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return  # another C library; it has ways of its own
