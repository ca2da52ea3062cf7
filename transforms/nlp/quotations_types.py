"""What the quotations' code hands on. All offsets are characters of the document's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from transforms.nlp.types import Candidate, MentionType

QuoteType = Literal["direct", "mixed", "indirect"]
CharSpan = tuple[int, int]  # start, end

NEGATED = "negated"
HYPOTHETICAL = "hypothetical"
SCARE_QUOTE = "scare_quote"
UNNAMED = "unnamed_speaker"
UNKNOWN = "unknown_speaker"


@dataclass(frozen=True)
class DocQuotation:
    """One utterance of one speaker, as `doc._.quotations` holds it."""

    spans: tuple[CharSpan, ...]  # content without marks, in order, none with a line break
    quote_type: QuoteType
    cue: CharSpan | None  # the words of saying; None: floating
    source: CharSpan | None  # the speaker's words beside the cue
    source_mention_type: MentionType | None
    speaker: int | None  # index of the DocEntity
    candidates: tuple[Candidate, ...]  # likeliest first
    method: str  # the rule or model that decided
    confidence: float  # calibrated: content and speaker are right
    flags: tuple[str, ...] = ()
    is_multi_paragraph: bool = False
    is_floating: bool = False


def register_extensions() -> None:
    """Make sure that documents carry `quotations`."""
    if not Doc.has_extension("quotations"):
        Doc.set_extension("quotations", default=())
