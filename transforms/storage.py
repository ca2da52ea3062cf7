"""Files of the warehouse through Beam's file systems: local paths, gs://, s3:// and the rest.

Whatever goes wrong is an OSError here, as on a disk: the libraries of object stores have errors of
their own.
"""

import os
import posixpath
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

from apache_beam.io.filesystem import CompressionTypes, FileMetadata
from apache_beam.io.filesystems import FileSystems

from schemas.errors import NewsbeamError

TEMPORARY = ".tmp"  # how the names of files end that are being written
_OBJECT_STORES = ("gs://", "s3://", "azfs://")
_NO_CREDENTIALS = (
    "no credentials, or none that are accepted: run `gcloud auth application-default login`, or "
    "let GOOGLE_APPLICATION_CREDENTIALS name a service account's key"
)
_BY_STATUS = {
    401: (PermissionError, _NO_CREDENTIALS),
    403: (PermissionError, "no permission: grant roles/storage.objectAdmin on the bucket"),
    404: (FileNotFoundError, "there is no such file or bucket"),
    429: (OSError, "too many requests: start again later"),
}


def is_remote(path: str) -> bool:
    """Say whether a path is an address such as gs://bucket/dir rather than a local one."""
    return "://" in path


def is_object_store(path: str) -> bool:
    """Say whether files appear whole here when they are closed, and there are no folders."""
    return path.startswith(_OBJECT_STORES)


@contextmanager
def as_os_errors(path: str) -> Iterator[None]:
    """Raise what the libraries of object stores raise as OSError, with the remedy."""
    try:
        yield
    except Exception as error:
        if not is_remote(path) or isinstance(error, NewsbeamError):
            raise
        raise _os_error(path, _innermost(error)) from error


def _innermost(error: Exception) -> Exception:
    """Return what Beam found for the first of a batch of paths."""
    details = getattr(error, "exception_details", None)
    first = next(iter(details.values()), None) if isinstance(details, dict) else None
    if isinstance(first, Exception):
        return _innermost(first)
    return error if first is None else OSError(first)  # a batch gives a bare status


def _os_error(path: str, error: Exception) -> OSError:
    status = getattr(error, "code", None) or getattr(
        getattr(error, "response", None), "status_code", None
    )
    if isinstance(error, OSError) and error.args and isinstance(error.args[0], int):
        status = error.args[0]
    said = " ".join(str(error).split())[:300]
    known = _BY_STATUS.get(status) if isinstance(status, int) else None
    kind, remedy = known or (OSError, type(error).__name__)
    return kind(f"{remedy} ({path}: {said})")


class _RemoteStream:
    """A stream of an object store whose errors are OSErrors."""

    def __init__(self, stream: Any, path: str) -> None:
        self._stream = stream
        self._path = path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._stream, name)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                with as_os_errors(self._path):
                    return value(*args, **kwargs)
            except OSError:
                self._give_up()
                raise

        return call

    def _give_up(self) -> None:
        """Keep a writer that failed from trying again when it is garbage-collected."""
        terminate = getattr(self._stream, "terminate", None)
        if terminate is not None:
            with suppress(Exception):
                terminate()

    def __enter__(self) -> "_RemoteStream":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)


def _guarded(stream: Any, path: str) -> IO[bytes]:
    return cast(IO[bytes], _RemoteStream(stream, path) if is_remote(path) else stream)


def create(path: str) -> IO[bytes]:
    """Open a new file for writing; its folders are made where the file system has folders."""
    with as_os_errors(path):
        stream = FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return _guarded(stream, path)


def open_stream(path: str) -> IO[bytes]:
    """Open a file for reading at any place; raises OSError where there is none."""
    with as_os_errors(path):
        stream = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return _guarded(stream, path)


def read(path: str) -> bytes:
    """Return a file's bytes; raises OSError where there is none."""
    with open_stream(path) as stream:
        return stream.read()


def write_atomically(path: str, body: bytes) -> None:
    """Write a file that is seen whole or not at all; where it fails, nothing is left behind."""
    if is_object_store(path):
        with create(path) as stream:
            stream.write(body)
        return
    temporary = f"{path}.{uuid.uuid4().hex}{TEMPORARY}"
    try:
        with create(temporary) as stream:
            stream.write(body)
        rename(temporary, path)
    except OSError:
        with suppress(OSError):
            delete_folder(temporary)
        raise


def make_durable(path: str) -> None:
    """Have a local file or folder outlive a power cut; raises OSError where it is missing.

    Object stores keep what was closed, so there it is only looked for.
    """
    if is_remote(path):
        if not exists(path) and not any(True for _ in list_files(path)):
            raise FileNotFoundError(f"No such file or directory: {path}")
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(source: str, target: str) -> None:
    """Move a file; the target's folder is made where the file system has folders."""
    make_folder(posixpath.dirname(target))
    with as_os_errors(target):
        FileSystems.rename([source], [target])


def make_folder(path: str) -> None:
    """Make a folder and those above it; one that is there is left alone."""
    if is_object_store(path):
        return
    if not FileSystems.exists(path):
        try:
            FileSystems.mkdirs(path)
        except OSError:
            if not FileSystems.exists(path):
                raise


def exists(path: str) -> bool:
    """Say whether there is a file at this path."""
    with as_os_errors(path):
        return bool(FileSystems.exists(path))


def list_files(folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder; none where the folder is missing.

    Beam's local listing looks at every file and silently leaves out one that is renamed meanwhile.
    Where an object store cannot be listed that is an error: it must not pass for an empty folder.
    """
    if not is_remote(folder):
        for path, _, names in os.walk(folder):
            yield from (f"{path}/{name}" for name in names)
        return
    for metadata in _match(folder):
        yield metadata.path


def _match(folder: str) -> list[FileMetadata]:
    """Return what a remote file system says of all files below a folder."""
    try:
        with as_os_errors(folder):
            (match,) = FileSystems.match([f"{folder.rstrip('/')}/**"])
    except FileNotFoundError:
        if is_object_store(folder):
            raise
        return []
    return list(match.metadata_list)


def newest(folder: str) -> float | None:
    """Return the time (Unix) of the youngest file below a folder; None where there is none."""
    if not is_remote(folder):
        times = []
        for path in list_files(folder):
            with suppress(FileNotFoundError):  # it has gone meanwhile
                times.append(os.stat(path).st_mtime)
        return max(times, default=None)
    return max((file.last_updated_in_seconds for file in _match(folder)), default=None)


def delete_folder(folder: str) -> None:
    """Delete a folder with all that is in it, or a file; nothing happens where it is missing."""
    if not is_object_store(folder):
        if FileSystems.exists(folder) or any(True for _ in list_files(folder)):
            FileSystems.delete([folder])
        return
    with as_os_errors(folder):
        if FileSystems.exists(folder):
            FileSystems.delete([folder])
        if any(True for _ in list_files(folder)):
            FileSystems.delete([f"{folder.rstrip('/')}/"])
