"""Archived pages again: `newsbeam run --archive`, then `--from-warc`."""

import json

import pyarrow.parquet as pq
import pytest

from pipeline.cli import main
from pipeline.newsroom.server import SampleNewsroom
from transforms.archive.read import ArchiveRange, list_pages
from transforms.nlp import load

NETWORK = ("--allow-network", "127.0.0.0/8")


def table(output, name, columns=None):
    return pq.read_table(f"{output}/{name}", columns=columns).to_pylist()


def run(capsys, *arguments):
    """Returns the summary."""
    assert main(["run", *map(str, arguments), "--workers", "1", "--log-format", "json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def archived(tmp_path, capsys):
    """A warehouse, its archive's pattern, and the newsroom of which they tell."""
    with SampleNewsroom(port=0) as newsroom:
        feeds = newsroom.feed_urls
        run(
            capsys, *feeds, "--output", tmp_path / "first", *NETWORK, "--archive", tmp_path / "warc"
        )
    return tmp_path / "first", f"{tmp_path}/warc/**.warc.gz"


def test_replay_makes_the_articles_again_and_quotations_refer_to_the_archive(
    archived, tmp_path, capsys
):
    first, pattern = archived
    summary = run(capsys, "--from-warc", pattern, "--output", tmp_path / "second")
    with_page = {row["article_id"]: row for row in table(first, "articles") if row["raw_ref"]}
    again = {row["article_id"]: row for row in table(tmp_path / "second", "articles")}
    differing = {"run_id", "ingested_at", "raw_ref"}
    assert again.keys() == with_page.keys()
    for article_id, row in again.items():
        same = with_page[article_id]
        assert {k: v for k, v in row.items() if k not in differing} == {
            k: v for k, v in same.items() if k not in differing
        }
        path, _, offset = row["raw_ref"].partition("#")
        part = ArchiveRange(f"{tmp_path}/warc/{path}", int(offset), int(offset) + 1)
        assert [record.url for record in list_pages(part)] == [row["url"]]
    assert summary["rows"]["articles"] == len(again)
    assert summary["archive"].startswith(pattern)


def test_replay_with_the_same_model_adds_nothing_and_with_another_a_revision(
    archived, capsys, monkeypatch
):
    first, pattern = archived
    before = len(table(first, "articles"))
    summary = run(capsys, "--from-warc", pattern, "--output", first)
    assert summary["rows"].get("articles", 0) == 0
    monkeypatch.setattr("transforms.annotate_articles.installed_version", lambda name: "newer-1")
    run(capsys, "--from-warc", pattern, "--output", first)
    rows = table(first, "articles", ["article_id", "revision", "model_version", "raw_ref"])
    newer = [row for row in rows if row["model_version"] == "newer-1"]
    assert {row["revision"] for row in newer} == {2}
    assert len(rows) == before + len(newer)
    assert newer
    assert load.installed_version(load.BUNDLED) != "newer-1"


def test_feeds_beside_an_archive_are_wrong_usage(tmp_path, capsys):
    arguments = ["run", "https://x.example/f", "--from-warc", "x", "--output", str(tmp_path)]
    assert main(arguments) == 2
    assert "leave FEEDS out" in capsys.readouterr().err
