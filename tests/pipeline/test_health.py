from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.facts import collect_facts
from pipeline.health import Health
from pipeline.run import RunReport
from schemas.flow import Feed
from schemas.layout import Layout, RunId
from schemas.state import FeedState
from tests.rows import NOW
from transforms.polling import Agenda


def report(**fields: object) -> RunReport:
    """A pass that found one feed not due and one gone, and wrote nothing."""
    known = FeedState("k", "http://a.example/feed", "http://a.example/feed")
    double = (Feed("http://b.example/feed"), "http://a.example/feed")
    idle = RunReport(
        layout=Layout("/nowhere"),
        run=RunId("r", NOW.date()),
        facts=collect_facts([]),
        record=None,
        seconds=0.25,
        workers=0,
        agenda=Agenda((), (known,), (known,), (double,)),
        next_due=None,
        finished=(),
        cleared=(),
    )
    return replace(idle, **fields)  # type: ignore[arg-type]


def samples(path: Path) -> dict[str, float]:
    """What the file says, by name and labels."""
    return {
        sample.name + "".join(f",{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


def test_a_pass_is_counted_with_its_feeds_rows_and_failures(tmp_path: Path) -> None:
    failures = Counter({("fetch_feeds", "timeout"): 2})
    facts = replace(
        collect_facts([]),
        rows=Counter({"articles": 3, "quotes": 7}),
        failures=failures,
        feeds_failed=(("http://a.example/feed", "timeout"),),
    )
    health = Health(str(tmp_path / "health.prom"))
    health.passed(report(facts=facts))
    health.passed(report(facts=facts))
    health.write(60)
    said = samples(tmp_path / "health.prom")
    assert said["newsbeam_rows_total,articles"] == 6
    assert said["newsbeam_rows_total,quotes"] == 14
    assert said["newsbeam_failures_total,timeout,fetch_feeds"] == 4
    assert said["newsbeam_passes_total,idle"] == 2
    assert said["newsbeam_feeds"] == 3
    assert said["newsbeam_feeds_due"] == 0
    assert said["newsbeam_feeds_gone"] == 1
    assert said["newsbeam_feeds_failed"] == 1
    assert said["newsbeam_last_pass_seconds"] == 0.25


def test_failed_passes_are_counted_until_one_ends_well(tmp_path: Path) -> None:
    health = Health(str(tmp_path / "health.prom"))
    health.passed(report())
    health.write(0)
    success = samples(tmp_path / "health.prom")["newsbeam_last_success_timestamp_seconds"]
    health.failed()
    health.failed()
    health.write(0)
    said = samples(tmp_path / "health.prom")
    assert said["newsbeam_consecutive_failed_passes"] == 2
    assert said["newsbeam_passes_total,failed"] == 2
    assert said["newsbeam_last_success_timestamp_seconds"] == success
    health.passed(report())
    health.write(0)
    assert samples(tmp_path / "health.prom")["newsbeam_consecutive_failed_passes"] == 0


def test_the_next_pass_is_announced(tmp_path: Path) -> None:
    health = Health(str(tmp_path / "health.prom"))
    health.write(300)
    said = samples(tmp_path / "health.prom")
    begins = said["newsbeam_next_pass_timestamp_seconds"]
    assert begins - said["newsbeam_last_pass_timestamp_seconds"] == pytest.approx(300, abs=1)


def test_the_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    health = Health(str(tmp_path / "health.prom"))
    health.write(0)
    before = (tmp_path / "health.prom").stat().st_ino
    health.write(0)
    assert (tmp_path / "health.prom").stat().st_ino != before
    assert [path.name for path in tmp_path.iterdir()] == ["health.prom"]


def test_without_a_file_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Health().write(0)
    assert list(tmp_path.iterdir()) == []
