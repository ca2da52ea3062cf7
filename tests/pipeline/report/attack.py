"""A warehouse in which every string that came from the web tries to get out."""

from pathlib import Path

from pipeline.commit import commit
from schemas.layout import Layout, RunId
from schemas.rows import Article, Quote
from tests.rows import NOW, article, entity, failure, fetch, mention, quote
from tests.view_tables import run_row
from transforms.stage_rows import StagedTables

ATTACKS = (
    "<script>window.attacked = 1; alert(1)</script>",
    "<img src=x onerror='alert(2); window.attacked = 2'>",
    "</script><script>alert(3)</script>",
    "<!--<script>",
    '"><svg onload=alert(4)>',
    "javascript:alert(5)",
    "&lt;b&gt;&#60;i&#62;",
    "{{data}} ${alert(6)} {signal: 'x'}",
    "line\u2028separator\u2029paragraph\u0000null",
    "\u202eright to left\u2066",
    '=HYPERLINK("https://attacker.example")',
    "__proto__",
    "constructor",
    "#quote=1&view=health",
)
ADDRESSES = (
    "javascript:alert(document.domain)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    'https://example.org/"><script>alert(1)</script>',
    "//attacker.example/x",
    "https://",
    "file:///etc/passwd",
)


def attack_warehouse(folder: Path) -> None:
    """Commit a run whose rows carry each attack in each of their strings."""
    layout, run = Layout(str(folder)), RunId("20261124T083000000000Z", NOW.date())
    tables = StagedTables(layout.staging(run.value))
    for n, attack in enumerate(ATTACKS):
        address = ADDRESSES[n % len(ADDRESSES)]
        text = f"{attack}\n“{attack}” said {attack}. <b>Bold</b> {attack}\n{attack}"
        for row in (*_article_rows(n, attack, address, text, run.value),):
            tables.write_row(row)
        tables.write_row(
            fetch(
                fetch_id=f"f{n}",
                run_id=run.value,
                target_type="feed",
                feed_url=f"{address}{n}",
                requested_url=address,
                outcome="ok" if n % 2 else attack,
                error=attack,
                entries_new=1,
            )
        )
        tables.write_row(
            failure(
                failure_id=f"x{n}",
                run_id=run.value,
                stage=attack,
                error_class=attack,
                key=address,
                message=attack,
            )
        )
    tables.write_row(run_row(run.value, NOW))
    commit(layout, run, list(tables.close()), 0)


def _article_rows(n: int, attack: str, address: str, text: str, run_id: str) -> list[object]:
    key = {"article_id": f"a{n:015d}", "run_id": run_id}
    start = text.index("“") + 1
    end = start + len(attack)
    speaker = end + len("” said ")
    said = {"speaker_start": speaker, "speaker_end": speaker + len(attack), "speaker_text": attack}
    row: Article = article(
        **key,
        title=attack,
        authors=(attack, address),
        publisher=attack,
        section=attack,
        url=address,
        original_url=address,
        language="en",
        date_published=NOW,
        text_content=text,
    )
    spoken: Quote = quote(
        **key,
        **said,
        quote_id=f"b{n:015d}",
        quote_text=attack,
        content_spans=({"start": start, "end": end},),
        cue_text="said",
        cue_start=end + 2,
        cue_end=end + 6,
        speaker_canonical=attack,
        attribution_method=attack,
        flags=(attack,),
    )
    named = entity(**key, entity_id=f"e{n}", canonical_name=attack, entity_type=attack, role=attack)
    span = mention(
        **key, entity_id=f"e{n}", mention_id=f"m{n}", char_start=start, char_end=end, text=attack
    )
    return [row, spoken, named, span]
