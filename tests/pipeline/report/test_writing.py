"""The file itself: its policy, its scripts, and that it appears whole or not at all."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.report.page import ASSETS, SCRIPTS, STYLES, write_page
from pipeline.report.payload import Part
from schemas.errors import OutputError

LONGEST_FILE = 400
# What would make markup or code out of text, or call out.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    r"|setAttribute\(\"on|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(|srcdoc|DOMParser|createContextualFragment"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    library = "const s = '</script><!--';\r\nvoid s;"
    write_page(str(path), "A <b>title</b> {{data}}", [Part("head", 0, {})], library)
    return path.read_text(encoding="utf-8")


def test_the_policy_allows_the_pages_own_scripts_and_style_and_no_more(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in html.unescape(policy).split("; "))
    assert rules["default-src"] == "'none'"
    assert {key: rules[key] for key in ("base-uri", "form-action")} == {
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    for name, element in (("script-src", "script"), ("style-src", "style")):
        texts = re.findall(rf"<{element}>(.*?)</{element}>", page, flags=re.DOTALL)
        assert texts
        assert rules[name].split(" ") == [hashed(text) for text in texts]


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_stands_before_whatever_it_rules(page: str) -> None:
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script>")


def test_a_string_of_a_script_cannot_end_it(page: str) -> None:
    assert r"'<\/script><\!--'" in page


def test_a_title_is_text(page: str) -> None:
    assert "<title>A &lt;b&gt;title&lt;/b&gt; {{data}}</title>" in page


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_builds_no_markup_and_calls_nobody(name: str) -> None:
    text = (ASSETS / "app" / name).read_text(encoding="utf-8")
    assert FORBIDDEN.findall(text) == []
    assert len(text.splitlines()) <= LONGEST_FILE


def test_every_asset_is_part_of_the_page() -> None:
    folder = Path(str(ASSETS))
    assert {path.name for path in (folder / "app").iterdir()} == set(SCRIPTS)
    assert {path.name for path in (folder / "style").iterdir()} == set(STYLES)


def test_a_page_that_fails_midway_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def failing() -> Iterator[Part]:
        yield Part("head", 0, {})
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_page(str(path), "title", failing())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.*cannot be written"):
        write_page(str(tmp_path / "nowhere" / "page.html"), "title", [])
