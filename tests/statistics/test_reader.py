"""Words of a claim, one by one."""

import pytest

from artneuro.errors import SpecificationError
from artneuro.statistics.reader import Reader


def test_words_come_from_left_to_right_with_their_kind():
    reader = Reader("a-b - 'c d' >.5e-1")
    assert reader.label() == "a-b"
    assert reader.take("-") == "-"
    assert reader.label() == "c d"
    assert reader.take(">", "<") == ">"
    assert reader.peeks_number()
    assert reader.number() == 0.05
    assert reader.tokens == []


def test_quotes_make_any_word_a_label():
    reader = Reader("'within' within")
    assert not reader.peek("within")
    assert reader.label() == "within"
    assert reader.peek("within")


def test_a_word_that_does_not_stand_there_is_refused_with_what_does():
    with pytest.raises(SpecificationError, match=r"'>' or '<' must stand where 'b' does"):
        Reader("b").take(">", "<")
    with pytest.raises(SpecificationError, match=r"A number must stand where 'b' does"):
        Reader("- b").number()
