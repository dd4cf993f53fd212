"""How a declaration names code that was handed over."""

import pytest

from artneuro.errors import SpecificationError
from artneuro.own_code import arguments, given_as_data, identity, is_code, not_handed_over


def double(values, *, factor=2, clock=None):
    return [factor * value for value in values]


def triple(values):
    return [3 * value for value in values]


def test_only_classes_and_functions_have_a_name_and_a_source():
    assert [is_code(thing) for thing in (double, dict, [], 3, len)] == [True, True, False, False, False]


def test_identity_is_the_name_and_a_digest_of_the_source():
    (name, source), (other, another) = identity(double), identity(triple)
    assert name.endswith("test_own_code:double")
    assert other.endswith(":triple")
    assert source != another
    assert identity(double) == (name, source)


def test_what_is_asked_for_by_name_is_handed_over():
    offered = {"clock": 5, "streams": ()}
    assert arguments(double, offered, {"factor": 3}) == {"clock": 5, "factor": 3}
    assert arguments(triple, offered, {}) == {}


def test_parameters_become_plain_data():
    assert given_as_data(double, {"factor": (1, 2)}, {}, ["values"]) == {"factor": [1, 2]}
    assert given_as_data(double, None, {"clock": 0}, ["values"]) == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"factor": object()}, "parameters: required numbers, text, lists and mappings of them"),
        ({"factor": float("nan")}, "parameters: required numbers, text, lists and mappings of them"),
        ({"factr": 2}, r"parameters: required what .*:double\(values, .*\) takes; came .*factr"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(given, words):
    with pytest.raises(SpecificationError, match=words):
        given_as_data(double, given, {}, ["values"])


def test_code_that_changed_is_told_from_code_nobody_handed_over():
    name, source = identity(double)
    known = {(name, source)}
    assert list(not_handed_over("function", name, source, known, "f(double)")) == []
    (changed,) = not_handed_over("function", name, "0" * 16, known, "f(double)")
    (unknown,) = not_handed_over("function", "a:b", source, known, "f(b)")
    assert "has changed since" in str(changed)
    assert "which was not. In Python, call `an.f(b)` first" in str(unknown)
