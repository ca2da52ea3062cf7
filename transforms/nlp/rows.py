"""Turns an annotated spaCy document into the rows of the tables."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from spacy.tokens import Doc

from schemas.flow import AnnotatedArticle, Lineage
from schemas.ids import sha256_hex, stable_id
from schemas.rows import Article, Candidate, Entity, Mention, Quote, Span
from transforms.nlp.quotations_types import DocQuotation
from transforms.nlp.types import DocEntity, DocMention

CONTEXT = 100  # characters of `pre` and `post`
_NO_WORD = re.compile(r"[^\w\s]|_")


def annotate_rows(doc: Doc, article: Article, lineage: Lineage) -> AnnotatedArticle:
    """Give an article with the rows of its entities, mentions and quotations.

    `doc` was made from a text as long as the article's, character for character; the rows take
    their words from the article. Ids follow from the article, its revision and the offsets.
    """
    rows = _Rows(doc, article, lineage)
    quotes = tuple(rows.quote(q) for q in doc._.quotations)
    mentions = rows.mentions(quotes)
    return AnnotatedArticle(
        article=article, entities=rows.entities(), mentions=mentions, quotes=quotes
    )


def canonical_hash(text: str) -> str:
    """Hash a quotation's words, in lower case and without punctuation: alike in every outlet."""
    return sha256_hex(" ".join(_NO_WORD.sub(" ", text.casefold()).split()))


class _Rows:
    """Makes the rows of one document."""

    def __init__(self, doc: Doc, article: Article, lineage: Lineage) -> None:
        self.doc = doc
        self.text = article.text_content
        self.article_id = article.article_id
        self.revision = article.revision
        self.lineage = lineage
        self.doc_entities: tuple[DocEntity, ...] = doc._.newsbeam_entities
        self.doc_mentions: tuple[DocMention, ...] = doc._.newsbeam_mentions
        self.sentence_starts = [sentence.start_char for sentence in doc.sents]
        self.entity_ids = [
            self._id("entity", e.index, *self._first_mention(e)) for e in self.doc_entities
        ]

    def _id(self, kind: str, *parts: int | str | None) -> str:
        return stable_id(kind, self.article_id, self.revision, *parts)

    def _first_mention(self, entity: DocEntity) -> tuple[int, int]:
        if not entity.mentions:
            return (-1, -1)
        first = self.doc_mentions[entity.mentions[0]]
        return first.start, first.end

    def entities(self) -> tuple[Entity, ...]:
        return tuple(
            Entity(
                entity_id=self.entity_ids[entity.index],
                article_id=self.article_id,
                revision=self.revision,
                run_id=self.lineage.run_id,
                canonical_name=entity.canonical_name,
                entity_type=entity.entity_type,
                label=entity.label,
                aliases=entity.aliases,
                role=entity.role,
                mention_count=len(entity.mentions),
                pipeline_version=self.lineage.pipeline_version,
                model_version=self.lineage.model_version,
            )
            for entity in self.doc_entities
        )

    def mentions(self, quotes: Sequence[Quote]) -> tuple[Mention, ...]:
        inside = _QuoteIndex(quotes)
        return tuple(
            Mention(
                mention_id=self._id("mention", mention.start, mention.end),
                article_id=self.article_id,
                revision=self.revision,
                run_id=self.lineage.run_id,
                entity_id=self.entity_ids[mention.entity],
                text=self.text[mention.start : mention.end],
                label=mention.label,
                mention_type=mention.mention_type,
                char_start=mention.start,
                char_end=mention.end,
                sentence_index=max(0, bisect_right(self.sentence_starts, mention.start) - 1),
                quote_id=inside.quote_at(mention.start, mention.end),
                pipeline_version=self.lineage.pipeline_version,
                model_version=self.lineage.model_version,
            )
            for mention in sorted(self.doc_mentions, key=lambda m: (m.start, m.end))
        )

    def quote(self, quotation: DocQuotation) -> Quote:
        text = self.text
        start, end = quotation.spans[0][0], quotation.spans[-1][1]
        words = " ".join(text[s:e] for s, e in quotation.spans)
        cue, source = quotation.cue, quotation.source
        speaker = quotation.speaker
        return Quote(
            quote_id=self._id("quote", *(offset for span in quotation.spans for offset in span)),
            article_id=self.article_id,
            revision=self.revision,
            run_id=self.lineage.run_id,
            quote_text=words,
            content_spans=tuple(Span(start=s, end=e) for s, e in quotation.spans),
            quote_type=quotation.quote_type,
            is_multi_paragraph=quotation.is_multi_paragraph,
            is_floating=quotation.is_floating,
            cue_text=text[cue[0] : cue[1]] if cue else None,
            cue_start=cue[0] if cue else None,
            cue_end=cue[1] if cue else None,
            speaker_text=text[source[0] : source[1]] if source else None,
            speaker_start=source[0] if source else None,
            speaker_end=source[1] if source else None,
            speaker_mention_type=quotation.source_mention_type,
            speaker_canonical=None
            if speaker is None
            else self.doc_entities[speaker].canonical_name,
            speaker_entity_id=None if speaker is None else self.entity_ids[speaker],
            attribution_method=quotation.method,
            confidence=quotation.confidence,
            candidates=tuple(
                Candidate(speaker=c.text, probability=c.probability) for c in quotation.candidates
            ),
            pre=text[max(0, start - CONTEXT) : start],
            post=text[end : end + CONTEXT],
            canonical_quotation_hash=canonical_hash(words),
            flags=quotation.flags,
            pipeline_version=self.lineage.pipeline_version,
            model_version=self.lineage.model_version,
        )


class _QuoteIndex:
    """Finds the quotation whose content a span stands in."""

    def __init__(self, quotes: Sequence[Quote]) -> None:
        spans = [(s.start, s.end, q.quote_id) for q in quotes for s in q.content_spans]
        self._spans = sorted(spans)
        self._starts = [start for start, _, _ in self._spans]

    def quote_at(self, start: int, end: int) -> str | None:
        """Id of the quotation around a span; contents may overlap by one level at most."""
        index = bisect_right(self._starts, start) - 1
        for _, stop, quote_id in self._spans[max(0, index - 1) : index + 1][::-1]:
            if end <= stop:
                return quote_id
        return None
