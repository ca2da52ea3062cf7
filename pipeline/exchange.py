"""Swap two folders in one step, so that no reader sees both or neither (Linux: renameat2(2))."""

import ctypes
import errno
import os
import uuid

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


class ExchangeUnsupportedError(OSError):
    """The system or the file system cannot swap two folders."""


def exchange(first: str, second: str) -> None:
    """Swap what two paths name, atomically; raises OSError, and neither has changed."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        raise ExchangeUnsupportedError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if renameat2(
        _AT_FDCWD,
        os.fsencode(first),
        _AT_FDCWD,
        os.fsencode(second),
        ctypes.c_uint(_RENAME_EXCHANGE),
    ):
        number = ctypes.get_errno()
        kind = ExchangeUnsupportedError if number in _UNSUPPORTED else OSError
        raise kind(number, os.strerror(number), first, None, second)


def can_exchange(folder: str) -> bool:
    """Try out whether two folders below this one can be swapped."""
    pair = [os.path.join(folder, f"probe-{uuid.uuid4().hex}") for _ in range(2)]
    try:
        for path in pair:
            os.makedirs(path)
        exchange(*pair)
    except ExchangeUnsupportedError:
        return False
    finally:
        for path in pair:
            if os.path.isdir(path):
                os.rmdir(path)
    return True
