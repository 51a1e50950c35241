"""The catalogue and the tests speak of the same things, and the page of the documentation says so."""

from conformance.catalogue import ITEMS
from conformance.table import PAGE, ROOT, by_item, known_items, page


def test_every_item_has_a_test() -> None:
    """No requirement and no attack is only claimed to be held."""
    tests = by_item()
    assert [item.id for item in ITEMS if not tests[item.id]] == []


def test_every_mark_is_an_item() -> None:
    """A test that is marked with what the catalogue does not have is a typing error."""
    assert sorted(set(by_item()) - known_items()) == []


def test_every_item_once() -> None:
    """No id stands twice."""
    assert len(known_items()) == len(ITEMS)


def test_code_that_is_named_is_there() -> None:
    """The files that the catalogue names exist."""
    for item in ITEMS:
        for name in item.code.replace("(joserfc)", "").split(","):
            assert (ROOT / "src" / "axioms_fastapi" / name.strip()).is_file(), (item.id, name)


def test_page_is_up_to_date() -> None:
    """`make conformance-table` has been run."""
    assert PAGE.read_text(encoding="utf-8") == page()
