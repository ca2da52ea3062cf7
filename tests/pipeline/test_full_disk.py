"""A disk that is full, and an output that cannot be written any more: real ones, on a tmpfs."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.newsroom.server import SampleNewsroom
from pipeline.options import RunOptions
from pipeline.run import run_once
from schemas.errors import CommitError
from tests.pipeline.running import LOOPBACK, rows

TABLES = ("articles", "entities", "mentions", "quotes", "runs")
SMALL_KB = 200  # less than a second edition's files take


def mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 50 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0 or not mount(folder, "size=50m"):
        pytest.skip("mounting a tmpfs needs root with CAP_SYS_ADMIN")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def newsroom() -> Iterator[SampleNewsroom]:
    """A newsroom of the test's own, which publishes its second edition."""
    with SampleNewsroom(port=0) as served:
        yield served


def set_flag(flag: str, folder: Path) -> bool:
    """With +i nothing can be written into a folder, not even by root."""
    command = ["chattr", flag, str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def freezing(folder: Path) -> Iterator[None]:
    """From now on nothing can be written into a folder; the caller has to thaw it."""
    assert set_flag("+i", folder)
    yield


def fill(disk: Path, leave: int) -> Path:
    """Leave so many bytes of a disk free."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(found.f_bavail * found.f_frsize - leave))
    return ballast


def run(newsroom: SampleNewsroom, output: Path) -> int:
    arguments = ["--output", str(output), "--allow-network", "127.0.0.0/8", "--workers", "1"]
    return main(["run", *newsroom.feed_urls, *arguments, "--force", "--log-format", "json"])


def contents(output: Path) -> dict[str, list[dict[str, object]]]:
    return {table: rows(output, table) for table in TABLES}


@pytest.mark.parametrize("leave", [0, SMALL_KB << 10], ids=["full at the start", "fills up"])
def test_full_disk_ends_a_run_with_the_tables_as_before_and_space_lets_it_go_on(
    leave, disk, newsroom, capsys
):
    output = disk / "tables"
    assert run(newsroom, output) == 0
    before = contents(output)
    newsroom.advance()
    ballast = fill(disk, leave)
    capsys.readouterr()
    assert run(newsroom, output) == 4
    told = capsys.readouterr().err
    assert "space" in told.lower()
    assert str(output) in told
    assert contents(output) == before
    ballast.unlink()
    assert run(newsroom, output) == 0
    assert len(rows(output, "articles")) > len(before["articles"])


def test_output_that_cannot_be_written_any_more_ends_a_run_with_the_tables_as_before(
    tmp_path, newsroom
):
    output = tmp_path / "tables"
    assert run(newsroom, output) == 0
    records = output / "_runs"
    if not (set_flag("+i", records) and set_flag("-i", records)):
        pytest.skip("chattr +i needs root and a file system that has it")
    before = contents(output)
    newsroom.advance()
    options = RunOptions(str(output), newsroom.feed_urls, retrieve=LOOPBACK, workers=1, force=True)
    try:
        with pytest.raises(CommitError, match=r"nothing was committed.*lsattr"):
            run_once(options, lambda plan: freezing(records))
    finally:
        set_flag("-i", records)
    assert contents(output) == before
    assert run(newsroom, output) == 0
    assert len(rows(output, "articles")) > len(before["articles"])


def test_output_that_becomes_read_only_ends_a_run_with_the_tables_as_before(disk, newsroom, capsys):
    output = disk / "tables"
    assert run(newsroom, output) == 0
    before = contents(output)
    newsroom.advance()
    remount(disk, "ro")
    capsys.readouterr()
    assert run(newsroom, output) in (2, 4)
    assert "read-only" in capsys.readouterr().err.lower()
    assert contents(output) == before
    remount(disk, "rw")
    assert run(newsroom, output) == 0
    assert len(rows(output, "articles")) > len(before["articles"])
