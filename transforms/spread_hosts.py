"""Deal article requests to slots, a worker each: evenly, and no host faster than it may be asked.

A host goes to one slot, so that one worker alone talks to it. A host with more pages than a slot's
fair share is cut into parts, each with a share of what may be asked of it (`HostShare`): the pages
that follow from a part's requests are extracted and annotated where they were fetched, as bodies
are never shuffled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam

from schemas.flow import ArticleRequest
from schemas.ids import sha256_hex
from transforms.urls import host_key
from transforms.web.shares import HostShare

LEAST_PAGES = 16  # of a part: one batch for the language pipeline


@dataclass(frozen=True)
class SlotPlan:
    """The slots that fetch a host's pages: one, or one a part."""

    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def slot_of(self, host: str, key: str) -> str:
        """Return the slot that fetches the page of a request with this key."""
        slots = self.hosts.get(host) or (slot_name(0),)
        return slots[int(sha256_hex(key)[:8], 16) % len(slots)]

    def shares(self, slot: str) -> dict[str, HostShare]:
        """Return what a slot may ask of the hosts that it has in common with others."""
        return {
            host: HostShare(slots.index(slot), len(slots))
            for host, slots in self.hosts.items()
            if len(slots) > 1 and slot in slots
        }


def slot_name(number: int) -> str:
    """Name a slot."""
    return f"slot-{number:04d}"


def spread_hosts(counts: Mapping[str, int], slots: int, most_parts: int) -> SlotPlan:
    """Deal hosts with so many pages each to slots, the largest first, to where there is least.

    No host is cut into more than `most_parts`, the connections that it may have at once, nor into
    parts of fewer than `LEAST_PAGES`. The parts of a host lie in slots of their own.
    """
    fair = max(1, math.ceil(sum(counts.values()) / max(1, slots)))
    loads = [0.0] * max(1, slots)
    dealt: dict[str, tuple[str, ...]] = {}
    for host, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        wanted = min(math.ceil(count / fair), count // LEAST_PAGES, most_parts, len(loads))
        parts = max(1, wanted)
        chosen = sorted(range(len(loads)), key=lambda slot: (loads[slot], slot))[:parts]
        for slot in chosen:
            loads[slot] += count / parts
        dealt[host] = tuple(map(slot_name, sorted(chosen)))
    return SlotPlan(dealt)


def address_of(request: ArticleRequest) -> str:
    """Return the address that will be asked for; an entry without a link goes by its feed."""
    return request.entry.link or request.entry.feed_url


def host_of(request: ArticleRequest) -> str:
    """Return the host that will be asked."""
    return host_key(address_of(request))


def _deal(request: ArticleRequest, plan: SlotPlan) -> tuple[str, ArticleRequest]:
    return plan.slot_of(host_of(request), request.key), request


@dataclass
class SpreadHosts(beam.PTransform):  # type: ignore[misc]
    """PCollection[ArticleRequest] → `dealt`, (slot, requests), and `plan`, for FetchPages.

    With one slot there is nothing to count, and the plan is no PCollection.
    """

    slots: int
    most_parts: int

    def expand(self, requests: beam.PCollection) -> dict[str, Any]:
        """Count, plan, deal."""
        plan = SlotPlan() if self.slots == 1 else self._plan(requests)
        dealt = requests | "Deal" >> beam.Map(_deal, plan) | "GroupBySlot" >> beam.GroupByKey()
        return {"dealt": dealt, "plan": plan}

    def _plan(self, requests: beam.PCollection) -> Any:
        counted = (
            requests
            | "HostOf" >> beam.Map(host_of)
            | "CountByHost" >> beam.combiners.Count.PerElement()
            | "AllCounts" >> beam.combiners.ToDict()
        )
        plan = counted | "Plan" >> beam.Map(spread_hosts, self.slots, self.most_parts)
        return beam.pvalue.AsSingleton(plan)
