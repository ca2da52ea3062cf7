"""`newsbeam annotate`: text in, one line of JSON an article out."""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO

from spacy.language import Language

from pipeline.logs import set_up_logging
from pipeline.report.build import write_reader
from pipeline.version import newsbeam_version
from schemas.errors import ElementError, NewsbeamError, UsageError
from schemas.flow import AnnotatedArticle, Lineage
from schemas.ids import sha256_hex
from schemas.rows import Article
from schemas.tables import to_record
from transforms.extract_articles import extract_html
from transforms.nlp.load import BUNDLED, annotate_texts, load_pipeline, model_version
from transforms.urls import article_id

RUN_ID = "annotate"
CHUNK = 16  # articles in memory at once

Outcome = AnnotatedArticle | NewsbeamError


@dataclass(frozen=True)
class Input:
    """One text or HTML document, or the reason why there is none."""

    id: str
    text: str | bytes | None
    error: str | None = None


def add_command(commands: Any) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "annotate",
        help="names and quotations of one text",
        description="Annotate a text and print one line of JSON: the tables' columns. "
        "Plain text goes through unchanged, so offsets are those of the input.",
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="- : standard input")
    parser.add_argument("--html", action="store_true", help="the input is HTML: strip it first")
    parser.add_argument(
        "--jsonl", action="store_true", help='the input is one {"id": …, "text": …} a line'
    )
    parser.add_argument(
        "--html-out",
        metavar="FILE",
        help="write a page, too, that shows the text with names and quotations marked",
    )
    parser.add_argument(
        "--spacy-model",
        metavar="NAME",
        default=BUNDLED,
        help="an installed spaCy pipeline (default: the bundled %(default)s)",
    )
    parser.set_defaults(execute=execute, takes_beam_options=False)


def execute(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Annotate all inputs, in order; return 0, or 4 where not one could be annotated."""
    set_up_logging("text")
    inputs = _read_inputs(arguments)
    nlp = load_pipeline(arguments.spacy_model)
    printer = _Printer()
    outcomes = annotate_inputs(nlp, inputs, html=arguments.html)
    if arguments.html_out is None:
        for given, outcome in outcomes:
            printer.print(given, outcome)
    else:
        name = os.path.basename(arguments.file) if arguments.file != "-" else "Standard input"
        passed = printer.passed(outcomes)
        named = passed if arguments.jsonl else ((name, article) for _, article in passed)
        write_reader(named, arguments.html_out, name)
    return 4 if printer.bad and not printer.good else 0


@dataclass
class _Printer:
    """Prints a line an outcome and counts the good ones and the bad."""

    good: int = 0
    bad: int = 0

    def print(self, given: str, outcome: Outcome) -> None:
        line = record(given, outcome)
        sys.stdout.write(json.dumps(line, ensure_ascii=True, default=_json) + "\n")
        sys.stdout.flush()
        self.bad += "error" in line
        self.good += "error" not in line

    def passed(
        self, outcomes: Iterable[tuple[str, Outcome]]
    ) -> Iterator[tuple[str, AnnotatedArticle]]:
        """Print all outcomes and yield the good ones."""
        for given, outcome in outcomes:
            self.print(given, outcome)
            if isinstance(outcome, AnnotatedArticle):
                yield given, outcome


def annotate_inputs(
    nlp: Language, inputs: Iterable[Input], *, html: bool
) -> Iterator[tuple[str, Outcome]]:
    """Yield one outcome an input, with its id and in order."""
    iterator = iter(inputs)
    version = model_version(nlp)
    while chunk := list(islice(iterator, CHUNK)):
        prepared = [_prepare(item, version, html=html) for item in chunk]
        articles = [article for article in prepared if isinstance(article, Article)]
        results = annotate_texts(nlp, [(a, _lineage(version, a)) for a in articles])
        for item, article in zip(chunk, prepared, strict=True):
            yield item.id, next(results) if isinstance(article, Article) else article


def _prepare(item: Input, version: str, *, html: bool) -> Article | NewsbeamError:
    if item.text is None:
        return ElementError(item.error or "no text")
    try:
        lineage = Lineage(RUN_ID, newsbeam_version(), version)
        if html:
            article = extract_html(item.text, lineage)
            identity = article_id(None, item.id, article.text_content)
            return dataclasses.replace(article, article_id=identity, model_version=version)
        return plain_article(item.id, _decoded(item.text), version)
    except ElementError as error:
        return error
    except UnicodeDecodeError as error:
        return ElementError(f"the text is not UTF-8: {error}")


def _decoded(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8")


def plain_article(given_id: str, text: str, version: str) -> Article:
    """Make an article of a text that goes through unchanged, to the character."""
    return Article(
        article_id=article_id(None, given_id, text),
        revision=1,
        run_id=RUN_ID,
        language="en",
        ingested_at=datetime.now(UTC),
        text_content=text,
        word_count=len(text.split()),
        content_hash=sha256_hex(text),
        text_extraction_method="plain_text",
        pipeline_version=newsbeam_version(),
        model_version=version,
    )


def _lineage(version: str, article: Article) -> Lineage:
    return Lineage(RUN_ID, newsbeam_version(), version, article.article_id, article.revision)


def record(given_id: str, outcome: Outcome) -> dict[str, Any]:
    """Return what is printed of an outcome: the rows, or `id` and `error`."""
    if isinstance(outcome, NewsbeamError):
        return {"id": given_id, "error": outcome.message}
    return {
        "id": given_id,
        "article": to_record(outcome.article),
        "entities": [to_record(row) for row in outcome.entities],
        "mentions": [to_record(row) for row in outcome.mentions],
        "quotes": [to_record(row) for row in outcome.quotes],
    }


def _read_inputs(arguments: argparse.Namespace) -> Iterator[Input]:
    if arguments.file == "-":
        return _parse(sys.stdin.buffer, arguments)
    try:
        stream = open(arguments.file, "rb")  # noqa: SIM115 (the generator closes it)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", arguments.file) from error
    return _parse(stream, arguments)


def _parse(stream: BinaryIO, arguments: argparse.Namespace) -> Iterator[Input]:
    with stream:
        if not arguments.jsonl:
            yield Input(arguments.file, stream.read())
            return
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield parse_line(line, number)


def parse_line(line: bytes, number: int) -> Input:
    """Read one line of JSON; what is wrong with it is said in the result."""
    try:
        item = json.loads(line)
    except ValueError as error:
        return Input(f"line {number}", None, f"line {number} is not JSON: {error}")
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        given = (
            str(item.get("id", f"line {number}")) if isinstance(item, dict) else f"line {number}"
        )
        return Input(given, None, f'line {number} is no object with "id" and a string "text"')
    return Input(str(item.get("id", f"line {number}")), item["text"])


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
