"""Group the articles of one window, and those of the last days, into stories: without a graph.

A window holds few articles, and its commit waits for those of all windows before: so it does by
itself, with the same functions, what `GroupArticles` spreads over workers for a pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from schemas.story import SignedArticle, StoryDecision
from transforms.state import STORIES, StateTable
from transforms.syndication.blocks import pack
from transforms.syndication.known import KnownSignatures, pack_wanted
from transforms.syndication.pairs import (
    find_candidates,
    find_components,
    find_matches,
    make_entries,
    make_signed,
)
from transforms.syndication.settle import settle_alone, settle_stories, split


def group_window(
    signed: Sequence[SignedArticle], known: KnownSignatures
) -> tuple[dict[str, StoryDecision], list[StateTable]]:
    """Return the decisions that differ from what the columns say, by id, and rows of the state."""
    if not signed:
        return {}, []
    new = pack(signed, is_new=True)
    block = pa.concat_tables([new, *known.read([pack_wanted(new)])]).combine_chunks()
    entries, _ = make_entries(block, 1)
    pairs, _ = find_candidates(entries)
    edges = find_matches(make_signed(block), np.unique(pairs))
    alone, labelled = split(block, find_components(np.unique(edges)))
    settled = [settle_alone(alone), settle_stories(labelled)]
    decisions = {item.article_id: item for found in settled for item in found.decisions}
    tables = [StateTable(STORIES, found.remembered) for found in settled if len(found.remembered)]
    return decisions, tables
