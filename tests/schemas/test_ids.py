from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import sha256_hex, stable_id


def test_ids_are_the_same_every_time() -> None:
    assert stable_id("a", 1, None) == stable_id("a", 1, None)


@given(st.lists(st.text(), min_size=2, max_size=3, unique=True))
def test_the_order_of_parts_counts(parts: list[str]) -> None:
    assert stable_id(*parts) != stable_id(*reversed(parts))


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_has_a_hash(text: str) -> None:
    assert len(sha256_hex(text)) == 64
