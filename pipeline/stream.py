"""Passes in one process, one after the other, with the model loaded once."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipeline.alert_options import AlertOptions, after_run
from pipeline.compact import compact
from pipeline.exit_status import NOTHING_COMMITTED
from pipeline.health import Health
from pipeline.memory import release_memory
from pipeline.options import RunOptions
from pipeline.remedies import describe
from pipeline.run import RunReport, run_once
from pipeline.stopping import Stopper
from schemas.errors import NewsbeamError, UsageError
from transforms.annotate_articles import Model

SHORTEST_PAUSE_S = 1.0
FIRST_RETRY_S = 15.0
LONGEST_RETRY_S = 900.0

log = logging.getLogger("newsbeam.stream")


@dataclass(frozen=True)
class StreamOptions:
    """What a stream does besides its passes."""

    every_s: float = 300.0  # longest time between the starts of two passes
    passes: int | None = None  # ends after that many; None: never
    health_file: str | None = None
    compacts: bool = False  # merges the files of closed days, once a day
    retain_days: int | None = None  # when it does
    grace_s: float = 25.0  # for the pass under way, once the end is asked for
    alerts: AlertOptions | None = None  # checked after each pass that was committed


def stream(run: RunOptions, options: StreamOptions) -> int:
    """Make passes until the process is asked to end; return the exit status.

    A pass that fails is told, counted and tried again later; only what is wrong from the start
    (UsageError in the first pass) ends the stream. With `passes`, 4 where the last one failed.
    """
    health = Health(options.health_file)
    model = Model(run.spacy_model)
    held = model.acquire()  # for as long as the stream runs
    compacted: date | None = None
    done = 0
    with Stopper(options.grace_s) as stopper:
        while not stopper.is_stopping and done != options.passes:
            begun = time.time()
            done += 1
            report = _one_pass(run, model, stopper, health, is_first=done == 1)
            if options.compacts and report and compacted != (today := datetime.now(UTC).date()):
                compacted = today if _keep_house(run.output, options) else None
            if report and report.record:
                after_run(options.alerts, report.layout.root, 0)
            pause = _pause(report, begun, options, health)
            _write(health, pause)
            release_memory()
            if done != options.passes:
                stopper.sleep(pause)
        is_asked = stopper.is_stopping
    del held
    return NOTHING_COMMITTED if health.consecutive_failures and not is_asked else 0


def _one_pass(
    run: RunOptions, model: Model, stopper: Stopper, health: Health, *, is_first: bool
) -> RunReport | None:
    try:
        report = run_once(run, stopper.watch, model)
    except Exception as error:
        if is_first and isinstance(error, UsageError):
            raise
        _failed(error, health, stopper)
        return None
    health.passed(report)
    _log_pass(report)
    return report


def _failed(error: Exception, health: Health, stopper: Stopper) -> None:
    """Tell and count a pass that failed; one whose workers were ended with us was abandoned."""
    if stopper.is_stopping:
        log.warning("the pass was abandoned: %s", error)
        return
    health.failed()
    is_foreseen = isinstance(error, NewsbeamError)
    log.error("the pass failed: %s", error, exc_info=None if is_foreseen else error)


def _log_pass(report: RunReport) -> None:
    facts, agenda = report.facts, report.agenda
    fields = {
        "run_id": report.run.value if report.record else None,
        "feeds_due": len(agenda.due),
        "feeds_failed": len(facts.feeds_failed),
        "articles": facts.rows["articles"],
        "quotations": facts.rows["quotes"],
        "failures": facts.failures.total(),
        "seconds": round(report.seconds, 2),
    }
    text = "pass: " + ", ".join(f"{name} {value}" for name, value in fields.items())
    log.info(text, extra={"fields": fields})


def _keep_house(output: str, options: StreamOptions) -> bool:
    """Merge closed days; what fails is told and tried again after the next pass."""
    try:
        report = compact(output, options.retain_days)
    except (NewsbeamError, OSError) as error:
        log.error("the days were not merged: %s", describe(error))
        return False
    merged = {day.day for day in report.merged}
    log.info("housekeeping: %d days merged, %d dropped", len(merged), len(report.dropped))
    return not report.failed


def _pause(report: RunReport | None, begun: float, options: StreamOptions, health: Health) -> float:
    """Return the seconds until the next pass: until a feed is due, or a back-off."""
    if report is None:
        doubled: float = FIRST_RETRY_S * 2 ** min(health.consecutive_failures - 1, 16)
        return min(doubled, LONGEST_RETRY_S)
    until = begun + options.every_s
    if report.next_due is not None:
        until = min(until, report.next_due.timestamp())
    return max(SHORTEST_PAUSE_S, until - time.time())


def _write(health: Health, pause: float) -> None:
    try:
        health.write(pause)
    except OSError as error:
        log.error("the health file cannot be written: %s", describe(error))
