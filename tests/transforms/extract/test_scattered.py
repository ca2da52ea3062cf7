from transforms.extract.body import body_lines
from transforms.extract.document import parse_document
from transforms.extract.scattered import gather_scattered

SENTENCE = (
    "The council voted on item {n} after a long debate about the price of sand in the harbour."
)


def paragraphs(first, last):
    return "".join(f"<p>{SENTENCE.format(n=n)}</p>" for n in range(first, last))


def page(*containers, wrapper="article"):
    body = "<div class='ad'>Buy now</div>".join(containers)
    html = f"<html><body><{wrapper}><h1>Sand</h1>{body}</{wrapper}></body></html>"
    return parse_document(html)


def lines(first, last):
    return [SENTENCE.format(n=n) for n in range(first, last)]


def part(first, last, name="body"):
    return f"<div class='{name}'>{paragraphs(first, last)}</div>"


def test_parts_of_one_body_come_together():
    found = gather_scattered(page(part(0, 6), part(6, 20)).tree, lines(0, 6))
    assert found is not None
    assert [p.text_content() for p in found.iter("p")] == lines(0, 20)


def test_body_that_was_found_whole_is_left_alone():
    assert gather_scattered(page(part(0, 6), part(6, 20)).tree, lines(0, 20)) is None


def test_container_of_another_class_does_not_belong():
    assert gather_scattered(page(part(0, 6), part(6, 20, "comments")).tree, lines(0, 6)) is None


def test_other_article_of_the_page_does_not_belong():
    html = f"<article>{part(0, 6)}</article><article>{part(6, 20)}</article>"
    document = parse_document(f"<html><body>{html}</body></html>")
    assert gather_scattered(document.tree, lines(0, 6)) is None


def test_containers_outside_an_article_are_not_trusted():
    assert gather_scattered(page(part(0, 6), part(6, 20), wrapper="main").tree, lines(0, 6)) is None


def test_little_that_is_missing_is_left():
    assert gather_scattered(page(part(0, 6), part(6, 8)).tree, lines(0, 6)) is None


def test_body_in_many_parts_is_extracted_whole_and_in_order():
    name = "article__body"
    document = page(part(0, 6, name), part(6, 13, name), part(13, 20, name))
    assert body_lines(document)[-20:] == lines(0, 20)
