"""Show a run while it goes on: a live display on a terminal, lines elsewhere."""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.graph import RunPlan
from transforms.progress import read_progress, read_workers

TERMINAL_INTERVAL_S = 0.5
LINES_INTERVAL_S = 15.0

log = logging.getLogger("newsbeam.progress")


@contextmanager
def watch_progress(plan: RunPlan) -> Iterator[None]:
    """Show how far a run is until the block ends."""
    if sys.stderr.isatty():
        with (
            _terminal() as (progress, tasks),
            _every(
                TERMINAL_INTERVAL_S, plan, lambda counts: _update(progress, tasks, plan, counts)
            ),
        ):
            yield
    else:
        with _every(LINES_INTERVAL_S, plan, _log):
            yield
    _log_workers(read_workers(plan.progress))


@contextmanager
def _every(interval: float, plan: RunPlan, show: Callable[[Counter[str]], None]) -> Iterator[None]:
    """Call `show` with the counts at an interval, from a thread that ends with the block."""
    done = threading.Event()

    def loop() -> None:
        while not done.wait(interval):
            show(read_progress(plan.progress))

    thread = threading.Thread(target=loop, name="newsbeam-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        show(read_progress(plan.progress))


@contextmanager
def _terminal() -> Iterator[tuple[Progress, dict[str, int]]]:
    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:,.0f}/{task.fields[of]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        stages = ("feeds", "pages", "articles")
        tasks = {stage: int(progress.add_task(stage, total=None, of="?")) for stage in stages}
        yield progress, tasks


def _update(progress: Progress, tasks: dict[str, int], plan: RunPlan, counts: Counter[str]) -> None:
    totals = {"feeds": len(plan.feeds), "pages": counts["requests"], "articles": counts["requests"]}
    for stage, task in tasks.items():
        total = totals[stage]
        progress.update(
            progress.tasks[task].id,
            completed=counts[stage],
            total=total or None,
            of=f"{total:,}" if total else "?",
        )


def _log(counts: Counter[str]) -> None:
    fields = {name: counts[name] for name in ("feeds", "entries", "requests", "pages", "articles")}
    if any(fields.values()):
        text = ", ".join(f"{name} {count:,}" for name, count in fields.items())
        log.info(text, extra={"fields": fields})


def _log_workers(workers: dict[str, Counter[str]]) -> None:
    """Say how the articles were spread over workers, where there were several."""
    counts = {name: counts["articles"] for name, counts in workers.items() if counts["articles"]}
    if len(counts) > 1:
        text = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
        log.info("articles by worker: %s", text, extra={"fields": {"workers": counts}})
