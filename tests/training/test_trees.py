"""Treebank sentences become spaCy documents, and sentences of the kind that news has."""

from dataclasses import replace
from random import Random

import pytest
import spacy

from training.conllu import parse_sentences
from training.noise import STYLES, as_headline, drop_title_stops, restyle_marks, vary
from training.speaker_phrases import Phrase, Speakers, find_speakers, made_up_name, word
from training.speech import mark_fragment, may_be_quoted, quote
from training.trees import make_document

CONLLU = """\
# newdoc id = one
# newpar
1\t"\t"\tPUNCT\t``\t_\t2\tpunct\t_\tSpaceAfter=No
2\tWait\twait\tVERB\tVB\tVerbForm=Inf\t5\tccomp\t_\tSpaceAfter=No
3\t,\t,\tPUNCT\t,\t_\t2\tpunct\t_\tSpaceAfter=No
4\t"\t"\tPUNCT\t''\t_\t2\tpunct\t_\t_
5\tsaid\tsay\tVERB\tVBD\tTense=Past\t0\troot\t_\t_
6\tMr.\tMr.\tPROPN\tNNP\t_\t7\tnmod:desc\t_\t_
7\tOrr\tOrr\tPROPN\tNNP\tNumber=Sing\t5\tnsubj\t_\tSpaceAfter=No
8\t.\t.\tPUNCT\t.\t_\t5\tpunct\t_\t_

# newpar
1\tThey\tthey\tPRON\tPRP\t_\t4\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tpay\tpay\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_
"""


LONG = next(
    parse_sentences(
        """\
1\tThey\tthey\tPRON\tPRP\t_\t3\tnsubj\t_\t_
2\twill\twill\tAUX\tMD\t_\t3\taux\t_\t_
3\tpay\tpay\tVERB\tVB\t_\t0\troot\t_\t_
4\tthe\tthe\tDET\tDT\t_\t5\tdet\t_\t_
5\ttoll\ttoll\tNOUN\tNN\t_\t3\tobj\t_\tSpaceAfter=No
6\t,\t,\tPUNCT\t,\t_\t3\tpunct\t_\t_
7\tthough\tthough\tADV\tRB\t_\t3\tadvmod\t_\t_
8\tnot\tnot\tPART\tRB\t_\t9\tadvmod\t_\t_
9\ttoday\ttoday\tNOUN\tNN\t_\t3\tobl\t_\tSpaceAfter=No
10\t.\t.\tPUNCT\t.\t_\t3\tpunct\t_\t_
""".splitlines()
    )
)


@pytest.fixture
def sentences():
    return tuple(parse_sentences(CONLLU.splitlines()))


def text_of(*sentences):
    return make_document(sentences, spacy.blank("en").vocab).text.strip()


def test_contractions_are_printed_without_a_space(sentences):
    assert text_of(sentences[1]) == "They don't pay."


def test_paragraphs_are_parted_by_a_line_break_of_the_sentence_before(sentences):
    doc = make_document(sentences, spacy.blank("en").vocab)
    assert doc.text.strip() == '"Wait," said Mr. Orr.\nThey don\'t pay.'
    assert next(sent.text for sent in doc.sents).endswith("\n")
    newline = next(token for token in doc if token.text == "\n")
    assert (newline.pos_, newline.tag_, newline.head.text) == ("SPACE", "_SP", ".")


def test_heads_and_labels_survive(sentences):
    doc = make_document(sentences, spacy.blank("en").vocab)
    assert [(t.text, t.dep_, t.head.text) for t in doc if t.dep_ in ("ROOT", "nsubj", "ccomp")] == [
        ("Wait", "ccomp", "said"),
        ("said", "ROOT", "said"),
        ("Orr", "nsubj", "said"),
        ("They", "nsubj", "pay"),
        ("pay", "ROOT", "pay"),
    ]


@pytest.mark.parametrize(
    ("style", "printed"),
    [(1, "“Wait,” said Mr. Orr."), (2, "‘Wait,’ said Mr. Orr."), (5, "«Wait,» said Mr. Orr.")],
)
def test_marks_are_printed_in_a_style(sentences, style, printed):
    assert text_of(restyle_marks(sentences[0], STYLES[style][1])) == printed


def test_apostrophes_follow_the_style(sentences):
    assert text_of(restyle_marks(sentences[1], STYLES[1][1])) == "They don’t pay."


def test_headlines_are_in_title_case_without_a_full_stop(sentences):
    assert text_of(as_headline(sentences[1])) == "They Don't Pay"


def test_british_titles_have_no_full_stop(sentences):
    assert text_of(drop_title_stops(sentences[0])) == '"Wait," said Mr Orr.'


def test_speakers_are_the_subjects_of_verbs_of_speech(sentences):
    speakers = find_speakers(sentences)
    assert [words(phrase) for phrase in speakers.phrases] == ["Mr. Orr"]
    assert [words(phrase) for phrase in speakers.titles] == ["Mr."]


def words(phrase):
    return " ".join(token.form for token in phrase.tokens)


@pytest.mark.parametrize("seed", range(40))
def test_a_made_quotation_is_one_tree_that_joins_clause_and_cue(sentences, seed):
    made = quote(LONG, find_speakers(sentences), Random(seed)).tokens
    assert [t.dep for t in made if t.head == 0] == ["root"]
    pay = next(i for i, t in enumerate(made, 1) if t.form == "pay")
    said = next(
        i for i, t in enumerate(made, 1) if t.upos == "VERB" and i != pay and t.xpos != "VB"
    )
    joined = (made[pay - 1].head, made[pay - 1].dep, made[said - 1].head, made[said - 1].dep)
    assert joined in [(said, "ccomp", 0, "root"), (0, "root", pay, "parataxis")]
    assert [t.dep for t in made if t.head == said and t.upos == "PROPN"] == ["nsubj"]


@pytest.mark.parametrize("seed", range(20))
def test_descriptions_are_closed_by_a_comma_before_the_cue(seed):
    description = Phrase(
        (
            replace(word("the", "the", "DET", "DT", "det"), head=2),
            word("mayor", "mayor", "NOUN", "NN", "appos"),
        )
    )
    speakers = Speakers(phrases=(), appositions=(description,), relatives=(), titles=())
    speakers = replace(speakers, phrases=(made_up_name(Random(seed)),))
    phrase = speakers.draw(Random(seed), before_cue=True)
    if "mayor" in words(phrase):
        assert words(phrase).endswith(", the mayor ,")
        assert [t.dep for t in phrase.tokens if t.form == "mayor"] == ["appos"]
    assert [i for i, t in enumerate(phrase.tokens) if t.head == 0] == [0]


def test_marks_around_a_phrase_leave_its_tree_alone():
    marked = mark_fragment(LONG, Random(1)).tokens
    assert [t.xpos for t in marked if t.form == '"'] == ["``", "''"]
    bare = [t for t in marked if t.form != '"']
    assert [(t.form, t.dep) for t in bare] == [(t.form, t.dep) for t in LONG.tokens]
    heads = {t.form: marked[t.head - 1].form for t in marked if t.head}
    assert (heads["the"], heads["toll"], heads["today"]) == ("toll", "pay", "pay")


def test_a_quotation_is_not_quoted_again(sentences):
    assert [may_be_quoted(sentence) for sentence in sentences] == [False, True]


def test_variation_is_the_same_for_the_same_seed(sentences):
    speakers = find_speakers(sentences)
    first, second = (vary(sentences, speakers, Random(7)) for _ in range(2))
    assert first == second
