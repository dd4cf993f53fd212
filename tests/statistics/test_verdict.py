"""What decides, and what a verdict is written as."""

import math

import pytest

from artneuro.statistics.verdict import Verdict, decide, undecided


@pytest.mark.parametrize(
    ("for_it", "against_it", "verdict"),
    [
        (True, False, "supported"),
        (False, True, "contradicted"),
        (False, False, "undecided"),
        (True, True, "contradicted"),
    ],
)
def test_what_speaks_against_a_claim_weighs_more(for_it, against_it, verdict):
    assert decide(for_it, against_it) == verdict


def test_numbers_that_json_has_not_become_nothing():
    verdict = undecided("L1", "a > b", "L.auc", "b has no subject")
    assert math.isnan(verdict.effect)
    plain = verdict.plain()
    assert [plain[key] for key in ("effect", "low", "high", "p", "power", "n")] == [None] * 5 + [0]
    assert plain["sentence"] == "L1 (a > b) is undecided, because the data cannot answer it: b has no subject"
    assert isinstance(verdict, Verdict)
