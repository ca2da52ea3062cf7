"""Secrets in addresses are used to fetch, and stand nowhere afterwards."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.logs import set_up_logging
from pipeline.newsroom.site import LocalSite
from schemas.ids import sha256_hex
from tests.pipeline.running import rows, run
from transforms.urls import normalize_url

SECRET = "s3cretW0rd"
PAGE = "<html><body><article><h1>Rain</h1>" + "<p>Rain fell on the harbour of Leith.</p>" * 9


@dataclass(frozen=True)
class SecretRun:
    """A run over a feed that needs a password and a token, and one that fails."""

    output: Path
    site: LocalSite
    link: str


@pytest.fixture(scope="module")
def secret_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretRun]:
    output = tmp_path_factory.mktemp("secrets")
    with LocalSite() as site:
        link = site.url(f"/rain?signature={SECRET}")
        site.add("/rain", PAGE, content_type="text/html")
        items = f"<item><guid>{link}</guid><link>{link}</link></item>"
        site.add("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>")
        base = site.base_url.replace("://", f"://ann:{SECRET}@")
        run(output, [f"{base}/feed?token={SECRET}", f"{base}/gone?apikey={SECRET}"])
        yield SecretRun(output, site, link)


def test_the_server_is_told(secret_run: SecretRun) -> None:
    expected = b64encode(f"ann:{SECRET}".encode()).decode()
    asked = [r for r in secret_run.site.requests if r.path.startswith("/feed")]
    assert [(r.target, r.headers["authorization"]) for r in asked] == [
        (f"/feed?token={SECRET}", f"Basic {expected}")
    ]


@pytest.mark.parametrize("table", ["articles", "fetches", "failures", "runs"])
def test_no_table_holds_a_secret(secret_run: SecretRun, table: str) -> None:
    found = rows(secret_run.output, table)
    assert found
    assert SECRET not in repr(found)
    assert "REDACTED" in repr(found)


def test_ids_follow_from_the_whole_address(secret_run: SecretRun) -> None:
    (article,) = rows(secret_run.output, "articles")
    assert article["article_id"] == sha256_hex(normalize_url(secret_run.link))


def test_no_log_line_holds_a_secret(capfd: pytest.CaptureFixture[str]) -> None:
    kept = logging.root.handlers[:], logging.root.level
    set_up_logging("json")
    try:
        logging.getLogger("newsbeam.test").warning("no answer from https://a:%s@x.org", SECRET)
    finally:
        logging.root.handlers[:], logging.root.level = kept[0], kept[1]
    written = capfd.readouterr().err
    assert "REDACTED@x.org" in written
    assert SECRET not in written


def test_no_error_message_holds_a_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listing = tmp_path / "feeds.txt"
    listing.write_text(f"https://a:{SECRET}@x.org/my feed\n")
    assert main(["run", str(listing), "--output", str(tmp_path / "w")]) == 2
    assert SECRET not in capsys.readouterr().err
