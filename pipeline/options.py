"""The options of a run, all defaults in one place."""

import os
from dataclasses import dataclass, field

from pipeline.claim import SILENCE_S
from pipeline.outputs.targets import BigQueryOptions
from transforms.nlp.load import BUNDLED
from transforms.polling import PollOptions
from transforms.retrieve import RetrieveOptions

ARTICLES_PER_FEED = 20  # a guess, for a feed that was never read
ARTICLES_WORTH_PROCESSES = 300  # below, starting worker processes costs more than they give


@dataclass(frozen=True)
class RunOptions:
    """What one pass does; `newsbeam run --help` tells the same in words."""

    output: str
    feeds: tuple[str, ...] = ()  # addresses and files, as given; none: the sample newsroom
    retrieve: RetrieveOptions = field(default_factory=RetrieveOptions)
    spacy_model: str = BUNDLED
    workers: int | None = None  # None: as many as the work is worth
    limit: int | None = None  # articles
    poll: PollOptions = field(default_factory=PollOptions)
    force: bool = False  # ask for feeds that are not due, and for those that are gone
    archive: str | None = None  # folder in which fetched pages are kept as WARC files
    from_warc: str | None = None  # glob of WARC files to read instead of the network
    detach: bool = False  # the graph commits by itself, and nobody waits for it
    silence_s: float = SILENCE_S  # after which such a run counts as dead
    beam_args: tuple[str, ...] = ()  # options that Beam knows
    bigquery: BigQueryOptions = field(default_factory=BigQueryOptions)
    keeps_files: bool = True  # False: in `output`, tables' files wait for BigQuery alone


def choose_workers(wanted: int | None, feeds: int, last_requests: int | None) -> int:
    """Return the number of worker processes: one for little work, else one a core.

    `last_requests` is the number of pages that the run before fetched; None: there was none.
    """
    if wanted is not None:
        return wanted
    expected = feeds * ARTICLES_PER_FEED if last_requests is None else last_requests
    return usable_cores() if expected >= ARTICLES_WORTH_PROCESSES else 1


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0))
