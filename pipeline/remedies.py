"""What to do about an error: a run that fails says what broke and how to mend it."""

import re
from collections.abc import Iterator

_GO_STACK = re.compile(r"^goroutine \d+ \[.*", re.MULTILINE | re.DOTALL)  # Prism sends it along
_LONGEST = 500  # characters of an error that are told

# What the error's text holds, and what an operator can do about it.
_REMEDIES = (
    ("No space left on device", "the disk is full: free space, or give --output another disk"),
    ("Disk quota exceeded", "the quota of the disk is used up: free space or have it raised"),
    ("File too large", "a file may not grow that large here: raise `ulimit -f`"),
    ("Read-only file system", "the file system is mounted read-only: mount it for writing again"),
    ("Operation not permitted", "the folder may not be changed: look at its attributes (lsattr)"),
    ("Permission denied", "this user may not write there: look at the folder's owner and mode"),
    ("Input/output error", "the disk reports a fault: look at the system's log (dmesg)"),
    ("No such file or directory", "a file was moved or deleted while the run was going on"),
    ("Too many open files", "too many files are open: raise `ulimit -n`"),
    ("Channel closed prematurely", "a worker process died, maybe for want of memory: see dmesg"),
    ("SDK worker disconnected", "a worker process died, maybe for want of memory: see dmesg"),
    ("goroutine: send on closed channel", "a worker of Prism died, or Prism failed: see its log"),
    ("Worker subprocess exited", "a worker process died, maybe for want of memory: see dmesg"),
)


def describe(error: BaseException) -> str:
    """Return an error in one line: its last line of text, and the remedy where one is known.

    Errors of workers come as text within other errors, so the whole chain is looked through.
    """
    text = "\n".join(_texts(error))
    remedy = next((remedy for sign, remedy in _REMEDIES if sign in text), None)
    told = _GO_STACK.sub("", str(error))
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    last = f"{type(error).__name__}: {lines[-1][:_LONGEST] if lines else ''}".rstrip(": ")
    return f"{remedy} ({last})" if remedy else last


def _texts(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield str(error)
        error = error.__cause__ or error.__context__
