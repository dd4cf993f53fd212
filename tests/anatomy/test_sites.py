import pytest

from artneuro.anatomy.sites import resolve_sites
from artneuro.errors import SpecificationError

SITES = {"conv1": "conv1_relu", "hidden1": "hidden1_relu", "hidden2": "hidden2_relu"}


def test_one_name_or_several_in_the_order_asked_for():
    assert resolve_sites(SITES, "hidden2") == {"hidden2": "hidden2_relu"}
    assert list(resolve_sites(SITES, ["hidden2", "conv1"]).items()) == [
        ("hidden2", "hidden2_relu"),
        ("conv1", "conv1_relu"),
    ]


def test_a_wrong_name_answers_with_the_nearest_and_all_valid_ones():
    with pytest.raises(SpecificationError, match='"hidden2"\\? Valid: conv1, hidden1, hidden2'):
        resolve_sites(SITES, "hiden2")


def test_every_wrong_name_is_told_at_once():
    with pytest.raises(SpecificationError) as refused:
        resolve_sites(SITES, ["fc9", "conv1", "pool"])

    assert [problem.came for problem in refused.value.problems] == ["'fc9'", "'pool'"]


def test_a_name_twice_is_refused_once():
    with pytest.raises(SpecificationError) as refused:
        resolve_sites(SITES, ["conv1", "conv1"])

    assert [str(problem) for problem in refused.value.problems] == [
        "site: required each site once; came 'conv1', 2 times."
    ]


def test_no_name_is_refused():
    with pytest.raises(SpecificationError, match="at least one site; came none"):
        resolve_sites(SITES, [])
