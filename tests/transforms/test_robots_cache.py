from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.newsroom.site import LocalSite
from schemas.state import RobotsFile
from tests.rows import NOW
from tests.transforms.test_state import Store
from transforms.retrieve import RetrieveOptions, RetrieveRequest, retrieve_all
from transforms.robots_cache import ROBOTS_LIFE, RobotsCache
from transforms.state import StateFiles, StateWriter

SITE = "https://example.org/robots.txt"


@pytest.mark.parametrize(
    ("age", "is_known"), [(timedelta(0), True), (ROBOTS_LIFE, True), (timedelta(hours=25), False)]
)
def test_a_file_is_known_for_a_day(tmp_path: Path, age: timedelta, is_known: bool) -> None:
    store = Store(tmp_path)
    store.add(RobotsFile(SITE, NOW - age, b"Disallow: /"))
    found = RobotsCache(store.files, NOW).find(SITE)
    assert (found is not None) is is_known


def test_what_an_earlier_stage_has_staged_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(RobotsFile(SITE, NOW, b"old"))
    writer = StateWriter(str(tmp_path / "staging"))
    writer.write(RobotsFile(SITE, NOW, b"new"))
    (staged,) = writer.close()
    (Path(staged.path).parent / "broken.parquet").write_bytes(b"PAR1 cut")
    found = RobotsCache(store.files, NOW, str(tmp_path / "staging")).find(SITE)
    assert found == RobotsFile(SITE, NOW, b"new")


@pytest.mark.parametrize(("body", "outcome"), [(b"User-agent: *\nDisallow: /", 0), (None, 1)])
def test_a_file_that_is_known_is_obeyed_and_not_asked_for(body: bytes | None, outcome: int) -> None:
    class Known:
        def find(self, site: str) -> RobotsFile:
            return RobotsFile(site, NOW, body)

    options = RetrieveOptions(allow_networks=("127.0.0.0/8",))
    with LocalSite() as site:
        site.add("/a", "x")
        (found,) = retrieve_all([RetrieveRequest(site.url("/a"))], options, Known())
        paths = [request.path for request in site.requests]
    assert str(found.outcome) == ("robots_disallowed", "ok")[outcome]
    assert paths == ["/a"] * outcome


def test_nothing_is_known_at_first() -> None:
    assert RobotsCache(StateFiles(), NOW, "/nowhere").find(SITE) is None
