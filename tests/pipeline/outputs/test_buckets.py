"""Everything in a bucket: feed list, archive, replay, and questions to the tables."""

import json
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.newsroom.server import SampleNewsroom
from tests.emulators.running import BUCKET, Cloud
from tests.pipeline.outputs.test_runs import file_rows
from transforms import storage
from transforms.archive.read import ArchiveRange, list_pages

ROOT = f"gs://{BUCKET}/buckets"
NETWORK = ("--allow-network", "127.0.0.0/8")


@pytest.fixture(scope="module")
def archived(cloud: Cloud, newsroom: SampleNewsroom) -> str:
    """A warehouse whose pages are kept, from a feed list in the bucket."""
    feeds = f"{ROOT}/feeds.txt"
    storage.write_atomically(feeds, "\n".join(newsroom.feed_urls[:2]).encode())
    output, archive = f"{ROOT}/first", f"{ROOT}/pages"
    arguments = ["--output", output, "--archive", archive, "--show", "0", "--workers", "1"]
    assert main(["run", feeds, *NETWORK, *arguments]) == 0
    return output


def kept(row: dict[str, Any]) -> dict[str, Any]:
    """An article without what differs between a run and its replay."""
    return {k: v for k, v in row.items() if k not in {"run_id", "ingested_at", "raw_ref"}}


def test_articles_refer_to_pages_in_the_bucket(archived: str) -> None:
    rows = [row for row in file_rows(archived, "articles") if row["raw_ref"]]
    assert len(rows) > 5
    for row in rows:
        path, _, offset = row["raw_ref"].partition("#")
        part = ArchiveRange(f"{ROOT}/pages/{path}", int(offset), int(offset) + 1)
        assert [record.url for record in list_pages(part)] == [row["url"]]


def test_a_replay_from_the_bucket_makes_the_same_articles(archived: str) -> None:
    output, pattern = f"{ROOT}/second", f"{ROOT}/pages/**.warc.gz"
    arguments = ["--from-warc", pattern, "--output", output, "--show", "0", "--workers", "1"]
    assert main(["run", *arguments]) == 0
    first = {row["article_id"]: kept(row) for row in file_rows(archived, "articles")}
    again = {row["article_id"]: kept(row) for row in file_rows(output, "articles")}
    assert again
    assert again == {article_id: first[article_id] for article_id in again}


def test_questions_to_a_warehouse_in_a_bucket_are_answered(
    archived: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = "SELECT count(*) AS articles, count(DISTINCT run_id) AS runs FROM current_articles"
    assert main(["query", archived, sql, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"articles": len(file_rows(archived, "articles")), "runs": 1}


def test_a_bucket_without_a_warehouse_is_said(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", f"{ROOT}/nothing", "SELECT 1"]) == 2
    assert f"{ROOT}/nothing" in capsys.readouterr().err
