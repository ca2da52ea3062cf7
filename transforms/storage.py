"""Files of the warehouse through Beam's file systems: local paths, gs://, s3:// and the rest."""

import os
import posixpath
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, cast

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

TEMPORARY = ".tmp"  # how the names of files end that are being written


def create(path: str) -> IO[bytes]:
    """Open a new file for writing; its folders are made where the file system has folders."""
    stream = FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return cast(IO[bytes], stream)


def open_stream(path: str) -> IO[bytes]:
    """Open a file for reading at any place; raises OSError where there is none."""
    stream = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return cast(IO[bytes], stream)


def read(path: str) -> bytes:
    """Return a file's bytes; raises OSError where there is none."""
    with open_stream(path) as stream:
        return stream.read()


def write_atomically(path: str, body: bytes) -> None:
    """Write a file that is seen whole or not at all; where it fails, nothing is left behind."""
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
    if "://" in path:
        if not exists(path):
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
    FileSystems.rename([source], [target])


def make_folder(path: str) -> None:
    """Make a folder and those above it; one that is there is left alone."""
    if not FileSystems.exists(path):
        try:
            FileSystems.mkdirs(path)
        except OSError:
            if not FileSystems.exists(path):
                raise


def exists(path: str) -> bool:
    """Say whether there is a file at this path."""
    return bool(FileSystems.exists(path))


def list_files(folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder; none where the folder is missing.

    Beam's local listing looks at every file and silently leaves out one that is renamed meanwhile.
    """
    if "://" not in folder:
        for path, _, names in os.walk(folder):
            yield from (f"{path}/{name}" for name in names)
        return
    try:
        (match,) = FileSystems.match([f"{folder.rstrip('/')}/**"])
    except BeamIOError:
        return
    for metadata in match.metadata_list:
        yield metadata.path


def delete_folder(folder: str) -> None:
    """Delete a folder with all that is in it; nothing happens where it is missing."""
    if FileSystems.exists(folder) or any(True for _ in list_files(folder)):
        FileSystems.delete([folder])
