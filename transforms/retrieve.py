"""The retriever: many addresses in, one `Retrieval` per attempt out, in the order of completion.

    for retrieval in retrieve_all([RetrieveRequest("https://example.org/feed")], RetrieveOptions()):
        ...

Everything about HTTP, hosts and the network is behind this interface (`transforms.web`); what to
fetch and when to try again is decided in `transforms.policy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transforms.web.engine import Engine
from transforms.web.robots import KnownRobots
from transforms.web.values import FetchOutcome, Retrieval, RetrieveOptions, RetrieveRequest

__all__ = [
    "FetchOutcome",
    "KnownRobots",
    "Retrieval",
    "RetrieveOptions",
    "RetrieveRequest",
    "retrieve_all",
]


def retrieve_all(
    requests: Iterable[RetrieveRequest],
    options: RetrieveOptions,
    robots: KnownRobots | None = None,
) -> Iterator[Retrieval]:
    """Retrieve all requests concurrently and yield what came of each attempt.

    Every request gives exactly one retrieval that `is_final`, after those of attempts that were
    tried again; the robots.txt files asked for on the way (`is_robots`) come for the record. The
    input is read in the caller's thread, `options.lookahead` ahead; while the caller works on a
    result, at most `buffer_results` more wait, so memory stays flat. `robots` knows the robots.txt
    files that need not be asked for. Leaving the loop early cancels what is under way.
    """
    engine = Engine(options, robots)
    engine.start()
    try:
        source, open_requests = iter(requests), 0
        is_exhausted = False
        while True:
            while not is_exhausted and open_requests < options.lookahead:
                request = next(source, None)
                if request is None:
                    is_exhausted = True
                else:
                    engine.submit(request)
                    open_requests += 1
            if not open_requests:
                return
            retrieval = engine.take()
            open_requests -= retrieval.is_final
            yield retrieval
    finally:
        engine.close()
