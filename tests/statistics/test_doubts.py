"""Values that a record flags: no claim that rests on them is decided, and others are not touched."""

import numpy as np
import pytest
import xarray as xr

from artneuro.statistics import Hypothesis
from artneuro.statistics.doubts import doubts

FLAG = {"long_name": "under-fitted: training accuracy ended below the floor"}


@pytest.fixture
def record():
    """Arms deep and shallow, 5 twins each, of two deficits at three removals; shallow is under-fitted under blur."""
    arms = ["deep"] * 5 + ["shallow"] * 5
    harm = np.random.default_rng(0).normal(0, 0.001, (10, 2, 3)) + np.array([0.0, 0.05, 0.1])
    harm[5:] /= 2
    flags = np.zeros((10, 2, 3), dtype=np.int8)
    flags[5:8, 0, 1:] = 1
    dims = ("subject", "deficit", "removal")
    return xr.Dataset(
        {"sensitivity": (dims, harm, {"ancillary_variables": "under_fitted"}), "under_fitted": (dims, flags, FLAG)},
        {
            "subject": [f"{arm}-{place % 5}" for place, arm in enumerate(arms)],
            "arm": ("subject", arms),
            "seed": ("subject", [0, 1, 2, 3, 4] * 2),
            "deficit": ["blur", "noise"],
            "removal": [0, 20, 40],
        },
    )


def ask(record, claim, factor="arm", **where):
    hypothesis = Hypothesis(claim=claim, of="D.sensitivity", factor=factor, where=where)
    return hypothesis.test({"D": record}, "C")


def test_a_claim_that_rests_on_flagged_values_is_undecided(record):
    found = ask(record, "deep > shallow", deficit="blur", removal="last")
    assert found.verdict == "undecided"
    assert found.sentence.endswith(
        "That would make it supported, but 3 of 10 values of D.sensitivity are not to be relied on "
        "(under-fitted: training accuracy ended below the floor; arm shallow)."
    )
    assert found.p < 0.001
    against = ask(record, "deep < shallow", deficit="blur", removal="last")
    assert (against.verdict, "would make it contradicted" in against.sentence) == ("undecided", True)


@pytest.mark.parametrize(
    ("claim", "factor", "where"),
    [
        ("deep > shallow", "arm", {"deficit": "noise", "removal": "last"}),
        ("'40' > '0'", "removal", {"deficit": "blur", "arm": "deep"}),
        ("'40' > '20'", "removal", {"deficit": "noise", "arm": "shallow"}),
    ],
)
def test_claims_that_rest_on_others_are_decided(record, claim, factor, where):
    assert ask(record, claim, factor, **where).verdict == "supported"


def test_levels_that_the_claim_does_not_name_do_not_count(record):
    record["under_fitted"][:] = 0
    record["under_fitted"][:, :, 1] = 1
    of_deep = {"deficit": "blur", "arm": "deep"}
    assert ask(record, "'40' > '0'", "removal", **of_deep).verdict == "supported"
    doubted = ask(record, "trend('40' > '20' > '0')", "removal", **of_deep)
    assert (doubted.verdict, "5 of 15 values" in doubted.sentence) == ("undecided", True)
    assert "removal 20" in doubted.sentence


def test_undecided_claims_say_nothing_of_it(record):
    """What the test cannot tell anyhow needs no second reason."""
    flat = record.copy(deep=True)
    flat["sensitivity"][:] = np.random.default_rng(1).normal(0, 1, flat.sensitivity.shape)
    found = ask(flat, "deep > shallow", deficit="blur", removal="last")
    assert (found.verdict, "would make" in found.sentence) == ("undecided", False)


def test_records_without_flags_raise_no_doubts(record):
    del record["sensitivity"].attrs["ancillary_variables"]
    assert doubts({"D": record}, ["D.sensitivity"], {}, {}) == ""
    assert ask(record, "deep > shallow", deficit="blur", removal="last").verdict == "supported"


def test_a_mean_of_all_rests_on_all(record):
    found = ask(record.isel(subject=slice(5, 10)), "mean > 0.01", deficit="blur", removal="last")
    assert (found.verdict, "3 of 5 values" in found.sentence) == ("undecided", True)
