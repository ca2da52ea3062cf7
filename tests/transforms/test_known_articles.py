from schemas.ids import sha256_hex
from schemas.rows import FeedRef
from tests.rows import article
from transforms.find_state import ArticleIndex
from transforms.known_articles import write_known
from transforms.stage_rows import StagedTables
from transforms.state import StateFiles

ONE, OTHER = sha256_hex("one"), sha256_hex("other")


def written(folder, *articles):
    """The path of a file of `articles`."""
    tables = StagedTables(str(folder))
    for row in articles:
        tables.write_row(row)
    (file,) = tables.close()
    return file.path


def index(tmp_path, *paths):
    return ArticleIndex(StateFiles((write_known(paths, f"{tmp_path}/run-2"),)))


def test_last_revision_of_each_article_is_found_whichever_file_holds_it(tmp_path):
    refs = (FeedRef(feed_url="https://x.example/feed", entry_id="1", link=None),)
    last = article(article_id=ONE, revision=3, text_content="Rain.", feed_refs=refs)
    newer = written(tmp_path, last, article(article_id=OTHER))
    older = written(tmp_path, *(article(article_id=ONE, revision=n) for n in (1, 2)))
    known = index(tmp_path, newer, older)
    found = known.find(ONE)
    assert (found.revision, found.content_hash) == (3, last.content_hash)
    assert (found.model_version, found.last_seen) == (last.model_version, last.ingested_at)
    assert found.feed_refs == refs
    assert known.find(OTHER).revision == 1


def test_tables_without_articles_know_none(tmp_path):
    assert index(tmp_path).find(ONE) is None
