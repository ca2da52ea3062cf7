"""What a stream tells the monitoring: a text file in Prometheus' format, for the node exporter's
textfile collector or any other reader."""

from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, write_to_textfile

from pipeline.run import RunReport
from pipeline.version import newsbeam_version


@dataclass(frozen=True)
class _Metrics:
    """The metrics, in one registry of their own."""

    registry: CollectorRegistry
    passes: Counter
    failures: Counter
    rows: Counter
    gauges: dict[str, Gauge]


_GAUGES = {
    "last_success_timestamp_seconds": "When the last pass ended well (also one with nothing to do)",
    "last_pass_timestamp_seconds": "When the last pass ended, well or not",
    "next_pass_timestamp_seconds": "When the next pass begins",
    "last_pass_seconds": "How long the last pass took",
    "consecutive_failed_passes": "Failed passes since the last one that ended well",
    "feeds": "Feeds that are listed",
    "feeds_due": "Feeds that the last pass asked for",
    "feeds_failed": "Of these, those that could not be read",
    "feeds_gone": "Feeds that are not asked for any more: status 410",
    "start_timestamp_seconds": "When the stream began",
}


def _make() -> _Metrics:
    registry = CollectorRegistry()
    info = Gauge("newsbeam_info", "Version", ["version"], registry=registry)
    info.labels(newsbeam_version()).set(1)
    passes = Counter("newsbeam_passes", "Passes by how they ended", ["result"], registry=registry)
    for result in ("committed", "idle", "failed"):
        passes.labels(result)
    failures = Counter(
        "newsbeam_failures",
        "Rows of the table failures",
        ["stage", "error_class"],
        registry=registry,
    )
    rows = Counter("newsbeam_rows", "Rows written, by table", ["table"], registry=registry)
    for table in ("articles", "quotes"):
        rows.labels(table)
    gauges = {
        name: Gauge(f"newsbeam_{name}", text, registry=registry) for name, text in _GAUGES.items()
    }
    return _Metrics(registry, passes, failures, rows, gauges)


class Health:
    """Counts passes and writes the file after each; without a path it only counts."""

    def __init__(self, path: str | None = None) -> None:
        self._path = path
        self._metrics = _make()
        self._failed = 0
        self._set("start_timestamp_seconds", _now())

    def passed(self, report: RunReport) -> None:
        """Count a pass that ended well."""
        facts, agenda = report.facts, report.agenda
        self._metrics.passes.labels("idle" if report.record is None else "committed").inc()
        self._failed = 0
        self._set("last_success_timestamp_seconds", _now())
        self._set("last_pass_seconds", report.seconds)
        known = (agenda.due, agenda.not_due, agenda.gone, agenda.doubles)
        self._set("feeds", sum(map(len, known)))
        self._set("feeds_due", len(agenda.due))
        self._set("feeds_failed", len(facts.feeds_failed))
        self._set("feeds_gone", len(agenda.gone))
        for (stage, error_class), count in facts.failures.items():
            self._metrics.failures.labels(stage, error_class).inc(count)
        for table, count in facts.rows.items():
            self._metrics.rows.labels(table).inc(count)

    def failed(self) -> None:
        """Count a pass that failed as a whole."""
        self._metrics.passes.labels("failed").inc()
        self._failed += 1

    def write(self, next_pass_s: float) -> None:
        """Put the file in place, in one step; the next pass begins in that many seconds.

        Raises OSError.
        """
        self._set("last_pass_timestamp_seconds", _now())
        self._set("next_pass_timestamp_seconds", _now() + next_pass_s)
        self._set("consecutive_failed_passes", self._failed)
        if self._path is not None:
            write_to_textfile(self._path, self._metrics.registry)

    @property
    def consecutive_failures(self) -> int:
        """Failed passes since the last one that ended well."""
        return self._failed

    def _set(self, gauge: str, value: float) -> None:
        self._metrics.gauges[gauge].set(value)


def _now() -> float:
    return datetime.now(UTC).timestamp()
