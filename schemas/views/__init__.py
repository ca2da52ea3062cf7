"""The views over the tables, as SQL files beside this module.

`NAME.sql` runs unchanged in DuckDB once the tables are there under their own names; its header
says what the view and its columns mean. Where BigQuery's dialect differs, `bigquery/NAME.sql` is
the same view there. The files stand in this room because they define what an analyst reads, as
the rows do.
"""

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from schemas.tables import TABLES

# A view comes after those that it reads.
_ORDER = (
    *("current_articles", "current_quotes", "quotations", "altered_wordings", "speakers"),
    *("stories", "share_of_voice", "gqg", "quotebank", "feed_health", "quality_flags"),
)


@dataclass(frozen=True)
class View:
    """One view: `sql` is the whole file for DuckDB, `bigquery` the one for BigQuery."""

    name: str
    title: str  # one sentence without its full stop
    text: str  # paragraphs of the header, Markdown
    columns: Mapping[str, str]  # name → meaning; columns taken over from a table are not listed
    sql: str
    bigquery: str

    def statement_for_bigquery(self, dataset: str) -> str:
        """Return the statement with every table and view named in full.

        `dataset` is DATASET or PROJECT.DATASET; a view's definition has no default dataset there.
        """
        names = "|".join([*TABLES, *_ORDER])
        reference = re.compile(rf"\b(from|join|view) ({names})\b(?! as \(| *\.)")
        return reference.sub(lambda found: _in_full(found, dataset), self.bigquery)


def _in_full(found: re.Match[str], dataset: str) -> str:
    word, name = found.groups()
    alias = " as" if found.string[found.end() :].startswith(" as ") or word == "view" else None
    full = f"{word} `{dataset}.{name}`"
    return full if alias else f"{full} as {name}"


def _read(name: str) -> View:
    folder = files(__name__)
    sql = folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
    twin = folder.joinpath("bigquery", f"{name}.sql")
    header = [line[2:].strip() for line in sql.splitlines() if line.startswith("--")]
    title, *rest = header
    end_of_text = max(place for place, line in enumerate(rest) if not line)
    columns = dict(line.split(": ", 1) for line in rest[end_of_text + 1 :])
    return View(
        name=name,
        title=title.removeprefix(f"{name}: "),
        text="\n".join(rest[:end_of_text]).strip(),
        columns=types.MappingProxyType(columns),
        sql=sql,
        bigquery=twin.read_text(encoding="utf-8") if twin.is_file() else sql,
    )


VIEWS: Final[Mapping[str, View]] = types.MappingProxyType({name: _read(name) for name in _ORDER})


def describe(view: View) -> str:
    """Return the view's part of `docs/views.md`."""
    lines = [f"## {view.name}", "", f"{view.title[0].upper()}{view.title[1:]}.", "", view.text, ""]
    lines += ["| column | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in view.columns.items()]
    return "\n".join(lines) + "\n"


_INTRODUCTION = """\
# The views

Made from the headers of `schemas/views/*.sql` by `python -m schemas.views`; a test holds it
current. `newsbeam query WAREHOUSE` has all of them in place. For a DuckDB or a BigQuery of your
own, `newsbeam schema` prints the statements:

```
cd WAREHOUSE
(newsbeam schema --format duckdb; newsbeam schema views --format duckdb) | duckdb news.db
newsbeam schema views --format bigquery --dataset PROJECT.DATASET | bq query --nouse_legacy_sql
```

(In DuckDB, say `set timezone = 'UTC'` first. A table folder that does not exist yet, such as
`failures` of a warehouse without any, has to be left out.) The files are
`schemas/views/NAME.sql`, and `bigquery/NAME.sql` beside them where BigQuery's dialect differs.

All views read committed runs only, and the current revision of each article.
"""


def page() -> str:
    """Return the whole of `docs/views.md`."""
    return "\n".join([_INTRODUCTION, *(describe(view) for view in VIEWS.values())])
