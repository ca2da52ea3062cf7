"""Prints how often a parser's trees agree with the news corpus about who says what.

usage: python -m training.score_speech MODEL [NEWSCORPUS]
One row a kind of quotation that has a cue and a source beside it, in the held-out articles: the
share whose source is the subject of the cue (or of the verb that it shares its subject with), and
whose tree agrees in all: besides, the content is a clause that hangs on the cue, in one sentence.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import spacy
from spacy.language import Language

from training.news_trees import NEWSCORPUS, facts_of, words_of
from training.newscorpus_reader import NewsArticle, read_articles
from training.tree_claims import agrees, has_subject
from transforms.nlp import components
from transforms.nlp.load import readable_text


def judge(nlp: Language, articles: Sequence[NewsArticle]) -> Iterator[tuple[str, bool, bool]]:
    """Yield for each quotation its kind, whether its source is the subject, and all is right."""
    docs = nlp.pipe([readable_text(article.text) for article in articles])
    for article, doc in zip(articles, docs, strict=True):
        for span in doc.sents:
            tree = words_of(doc, span)
            for claim in facts_of(article, span).claims if tree else ():
                if claim.is_verbal:
                    yield claim.kind, has_subject(tree, claim), agrees(tree, claim)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="an installed pipeline or its folder")
    parser.add_argument("newscorpus", type=Path, nargs="?", default=NEWSCORPUS)
    options = parser.parse_args()
    assert components  # imported so that the factories are known
    nlp = spacy.load(options.model, exclude=["ner", "lemmatizer"])
    nlp.add_pipe("newsbeam_line_breaks", before="parser")
    counts: dict[str, Counter[str]] = {}
    for kind, subject, right in judge(
        nlp, [a for a in read_articles(options.newscorpus) if a.is_dev]
    ):
        for row in (kind, "all"):
            counts.setdefault(row, Counter()).update(all=1, subject=subject, right=right)
    print(f"{'kind':10}{'all':>6}{'subject':>9}{'agrees':>9}")
    for kind, own in sorted(counts.items()):
        share = (f"{100 * own[name] / own['all']:9.1f}" for name in ("subject", "right"))
        print(f"{kind:10}{own['all']:6}" + "".join(share))


if __name__ == "__main__":
    main()
