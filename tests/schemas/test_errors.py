import pickle

import pytest

from schemas import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, errors.NewsbeamError)
]


@pytest.mark.parametrize("error_class", CLASSES)
def test_errors_survive_pickling_with_their_target(error_class: type) -> None:
    error = pickle.loads(pickle.dumps(error_class("broken", "https://example.org")))
    assert (type(error), str(error)) == (error_class, "https://example.org: broken")


@pytest.mark.parametrize("error_class", CLASSES)
def test_the_tree_at_the_top_of_the_file_is_complete(error_class: type) -> None:
    assert error_class.__name__ in (errors.__doc__ or "")
