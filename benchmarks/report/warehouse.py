"""A warehouse of made-up articles, as large as wanted; made-up words, as frequent as real ones."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.commit import commit
from schemas.flow import AnnotatedArticle
from schemas.ids import sha256_hex
from schemas.layout import Layout, RunId
from schemas.rows import Article, Entity, Fetch, Mention, Quote, Run, Span
from transforms.stage_rows import StagedTables

QUOTES = 4  # of an article
PARAGRAPHS = 8
SPEAKERS = 4_000
OUTLETS = 60
START = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
LINEAGE = {"revision": 1, "pipeline_version": "0.1.0", "model_version": "en_made_up-1"}
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ter",
    "sen",
    "ra",
    "du",
    "vel",
    "ni",
    "bor",
    "sta",
    "e",
    "un",
    "gra",
)


def make_warehouse(folder: Path, quotations: int) -> None:
    """Commit one run with so many quotations, four an article."""
    layout, run = Layout(str(folder)), RunId(START.strftime("%Y%m%dT%H%M%S%fZ"), START.date())
    tables = StagedTables(layout.staging(run.value))
    for item in made_up_articles(quotations, run.value):
        tables.write_article(item)
    for n in range(OUTLETS):
        tables.write_row(_fetch(run.value, n))
    tables.write_row(_run(run.value))
    commit(layout, run, list(tables.close()), 0)


def made_up_articles(quotations: int, run_id: str = "run-1") -> Iterator[AnnotatedArticle]:
    """Yield articles with four quotations each; the same ones each time."""
    rng = random.Random(7)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(6_000)]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    people = [f"{_name(rng)} {_name(rng)}" for _ in range(SPEAKERS)]

    def sentence(length: int) -> str:
        return " ".join(rng.choices(words, cum_weights=weights, k=length)).capitalize() + "."

    for n in range(quotations // QUOTES):
        speakers = [people[int(rng.paretovariate(0.6)) % SPEAKERS] for _ in range(2)]
        yield _article(n, run_id, rng, speakers, sentence)


def _name(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 3))).capitalize()


def _article(
    n: int,
    run_id: str,
    rng: random.Random,
    speakers: list[str],
    sentence: Callable[[int], str],
) -> AnnotatedArticle:
    key: dict[str, Any] = {"article_id": sha256_hex(f"article {n}"), "run_id": run_id, **LINEAGE}
    title = sentence(8)[:-1]
    text, quotes, mentions = title, [], []
    entities = [_entity(key, number, name) for number, name in enumerate(speakers)]
    for number in range(PARAGRAPHS):
        if number < QUOTES:
            entity = entities[number % 2]
            words, start = sentence(rng.randint(6, 28))[:-1] + ",", len(text) + 2
            speaker = start + len(words) + len("” said ")
            text += f"\n“{words}” said {entity.canonical_name}. {sentence(12)}"
            quotes.append(_quote(key, words, start, entity, speaker, rng))
            mentions.append(_mention(key, number, entity, speaker))
        else:
            text += "\n" + " ".join(sentence(rng.randint(8, 24)) for _ in range(3))
    article = Article(
        **key,
        url=f"https://outlet{n % OUTLETS}.example/news/{n}",
        canonical_domain=f"outlet{n % OUTLETS}.example",
        publisher=f"The {_name(random.Random(n % OUTLETS))} Post",
        title=title,
        authors=("Staff Reporter",),
        language="en",
        date_published=START - timedelta(minutes=7 * n),
        ingested_at=START,
        text_content=text,
        word_count=len(text.split()),
        content_hash=sha256_hex(text),
        text_extraction_method="trafilatura",
    )
    return AnnotatedArticle(article, tuple(entities), tuple(mentions), tuple(quotes))


def _entity(key: dict[str, Any], number: int, name: str) -> Entity:
    return Entity(
        **key,
        entity_id=sha256_hex(f"{key['article_id']} {number}")[:32],
        canonical_name=name,
        entity_type="person",
        label="PERSON",
        role="the minister",
        mention_count=2,
    )


def _mention(key: dict[str, Any], number: int, entity: Entity, start: int) -> Mention:
    return Mention(
        **key,
        mention_id=sha256_hex(f"m {key['article_id']} {number}")[:32],
        entity_id=entity.entity_id,
        text=entity.canonical_name,
        label="PERSON",
        mention_type="name",
        char_start=start,
        char_end=start + len(entity.canonical_name),
        sentence_index=number,
    )


def _quote(
    key: dict[str, Any], words: str, start: int, entity: Entity, speaker: int, rng: random.Random
) -> Quote:
    cue = start + len(words) + len("” ")
    return Quote(
        **key,
        quote_id=sha256_hex(f"q {key['article_id']} {start}")[:32],
        quote_text=words,
        content_spans=(Span(start=start, end=start + len(words)),),
        quote_type=rng.choice(("direct", "mixed", "indirect")),
        cue_text="said",
        cue_start=cue,
        cue_end=cue + 4,
        speaker_text=entity.canonical_name,
        speaker_start=speaker,
        speaker_end=speaker + len(entity.canonical_name),
        speaker_mention_type="name",
        speaker_canonical=entity.canonical_name,
        speaker_entity_id=entity.entity_id,
        attribution_method="subject+name",
        confidence=round(rng.betavariate(6, 1), 4),
        canonical_quotation_hash=sha256_hex(words),
    )


def _fetch(run_id: str, n: int) -> Fetch:
    return Fetch(
        fetch_id=f"f{n}",
        run_id=run_id,
        target_type="feed",
        feed_url=f"https://outlet{n}.example/feed",
        requested_url=f"https://outlet{n}.example/feed",
        fetched_at=START,
        outcome="ok",
        entries_seen=20,
        entries_new=20,
    )


def _run(run_id: str) -> Run:
    return Run(
        run_id=run_id,
        started_at=START,
        finished_at=START + timedelta(minutes=9),
        pipeline_version="0.1.0",
        model_version="en_made_up-1",
        beam_version="2.77.0",
        options="{}",
        exit_status=0,
    )
