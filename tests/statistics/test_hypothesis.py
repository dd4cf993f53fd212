"""Verdicts on data whose answer is known, for every kind of claim; and what a study file is refused for."""

import json

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from artneuro.errors import SpecificationError
from artneuro.fields import build
from artneuro.statistics import Design, Hypothesis, rm_anova
from artneuro.statistics.contrast import Contrast

RNG = np.random.default_rng(6)
LITTER = RNG.normal(0, 0.05, 10)


def arms(*means, noise=0.02):
    """Twins in arms clean, half, random, ... whose means differ by exactly what these do."""
    names = ["clean", "half", "random", "none"][: len(means)]
    drawn = np.random.default_rng(60).normal(0, noise, (len(means), 10))
    exact = drawn - drawn.mean(axis=1, keepdims=True)
    return {name: mean + LITTER + of_arm for name, mean, of_arm in zip(names, means, exact, strict=True)}


def ask(record, claim, **more):
    return Hypothesis(claim=claim, of="L.auc", **more).test({"L": record}, "H1")


@pytest.mark.parametrize(
    ("means", "verdict"),
    [((0.8, 0.6), "supported"), ((0.6, 0.8), "contradicted"), ((0.7, 0.7), "undecided")],
)
def test_one_arm_above_another(of_arms, means, verdict):
    data = arms(*means)
    found = ask(of_arms(data), "clean > half")
    assert found.verdict == verdict
    difference = data["clean"] - data["half"]
    assert found.p == pytest.approx(stats.ttest_1samp(difference, 0, alternative="greater").pvalue)
    assert (found.effect_name, found.effect) == (
        "Cohen's d_z",
        pytest.approx(difference.mean() / difference.std(ddof=1)),
    )
    assert found.low < found.effect < found.high
    assert (found.n, found.label, found.of, found.claim) == (10, "H1", "L.auc", "clean > half")
    assert found.sentence.startswith(
        f"H1 (clean > half) of L.auc is {verdict}: clean > half, paired by seed (twins): t(9)"
    )
    assert ask(of_arms(data), "half < clean") == ask(of_arms(data), "half < clean")
    assert ask(of_arms(data), "half < clean").p == found.p


@pytest.mark.parametrize(
    ("means", "verdict"),
    [
        ((0.8, 0.6, 0.4), "supported"),
        ((0.8, 0.6, 0.75), "contradicted"),  # one step against the claim is enough
        ((0.8, 0.6, 0.6), "undecided"),
    ],
)
def test_an_order_needs_every_step(of_arms, means, verdict):
    data = arms(*means)
    found = ask(of_arms(data), "clean > half > random")
    assert found.verdict == verdict
    steps = [
        stats.ttest_rel(data[a], data[b], alternative="greater").pvalue
        for a, b in [("clean", "half"), ("half", "random")]
    ]
    first, second = sorted(steps)
    assert found.p == pytest.approx(min(1.0, max(2 * first, second)))  # Holm
    assert any(note.startswith("Trend, paired by seed (twins): t(9)") for note in found.notes)


def test_the_weakest_step_gives_the_effect(of_arms):
    data = arms(0.8, 0.6, 0.55)
    found = ask(of_arms(data), "clean > half > random")
    weakest = Contrast((data["half"] - data["random"],), (1.0,))
    assert found.effect == pytest.approx(weakest.effect())


def test_a_trend_may_have_a_flat_step(of_arms):
    data = arms(0.8, 0.6, 0.6, 0.4)
    assert ask(of_arms(data), "clean > half > random > none").verdict != "supported"
    found = ask(of_arms(data), "trend(clean > half > random > none)")
    slope = (3 * data["clean"] + data["half"] - data["random"] - 3 * data["none"]) / 2
    assert found.verdict == "supported"
    assert found.p == pytest.approx(stats.ttest_1samp(slope, 0, alternative="greater").pvalue)


def test_strangers_are_compared_as_such(strangers):
    data = arms(0.8, 0.6)
    found = ask(strangers(data), "clean > half")
    assert found.p == pytest.approx(stats.ttest_ind(*data.values(), equal_var=False, alternative="greater").pvalue)
    assert (found.n, found.effect_name) == (20, "Cohen's d")


@pytest.mark.parametrize(
    ("means", "margin", "verdict"),
    [((0.7, 0.7), 0.05, "supported"), ((0.7, 0.5), 0.05, "contradicted"), ((0.7, 0.7), 0.001, "undecided")],
)
def test_equivalence(of_arms, means, margin, verdict):
    found = ask(of_arms(arms(*means)), f"clean ~ half within {margin}")
    assert found.verdict == verdict
    assert found.effect_name == "difference"
    assert found.low < found.effect < found.high
    assert f"equivalent within {margin:g}" in found.sentence


def test_equivalence_of_several_needs_every_pair(of_arms):
    record = of_arms(arms(0.70, 0.70, 0.76))
    assert ask(record, "clean ~ half within 0.03").verdict == "supported"
    assert ask(record, "clean ~ half ~ random within 0.03").verdict == "contradicted"


def test_against_a_number(of_arms):
    record = of_arms(arms(0.8, 0.6))
    assert ask(record, "clean > 0.5").verdict == "supported"
    assert ask(record, "clean < 0.5").verdict == "contradicted"
    assert ask(record, "0.5 < half").verdict == "supported"
    assert ask(record, "clean - half > 0.1").verdict == "supported"
    assert ask(record, "clean - half > 0.3").verdict == "contradicted"


def test_a_coefficient_a_subject_is_about_nothing(of_arms):
    # claim L7: selectivity does not predict importance
    record = of_arms({"clean": RNG.normal(0, 0.05, 12), "half": RNG.normal(0.9, 0.05, 12)}, name="rho")
    hypothesis = Hypothesis(claim="mean ~ 0 within 0.1", of="L.rho", where={"arm": "clean"})
    found = hypothesis.test({"L": record}, "L7")
    assert (found.verdict, found.n) == ("supported", 12)
    pooled = Hypothesis(claim="mean ~ 0 within 0.1", of="L.rho").test({"L": record}, "L7")
    assert pooled.verdict == "undecided"
    assert "subjects of 2 arms" in pooled.sentence


def test_levels_of_a_condition(within):
    # claim L9: zero is less harmful than mean; here `mean` is a level and not the mean of all
    values = 0.8 + LITTER[:, None] + [0.0, -0.2] + RNG.normal(0, 0.02, (10, 2))
    found = ask(within(values), "zero > mean", factor="clamp")
    assert (found.verdict, found.n) == ("supported", 10)
    assert "paired by subject" in found.sentence
    assert ask(within(values), "mean > 0.7", factor="clamp").verdict == "contradicted"


def test_levels_that_are_numbers_stand_in_quotes(within):
    values = [[0.9, 0.5], [0.8, 0.55], [0.85, 0.4], [0.95, 0.45]]
    record = within(values, dim="fraction", levels=[0.1, 0.30000000000000004])
    assert ask(record, "'0.1' > '0.3'", factor="fraction").verdict == "supported"


def test_an_interaction_as_difference_of_differences(crossed):
    record = crossed(n=12, interaction=0.1)
    claim = "turnover:zero - turnover:mean > control:zero - control:mean"
    found = ask(record, claim, factor=("arm", "clamp"))
    assert found.verdict == "supported"
    assert found.n == 12
    assert ask(record, claim.replace(">", "<"), factor=("arm", "clamp")).verdict == "contradicted"
    assert ask(crossed(n=12), claim.replace(">", "~") + " within 0.05", factor=("arm", "clamp")).verdict == "supported"


def test_an_interaction_as_such(crossed):
    # claim N11
    record = crossed(n=12, interaction=0.1)
    found = ask(record, "interaction(arm, clamp)")
    row = rm_anova(record, dv="auc", within=["arm", "clamp"]).table.iloc[2]
    assert (found.verdict, found.p, found.n) == ("supported", row["p"], 12)
    assert found.effect_name == "partial eta-squared"
    nothing = ask(crossed(n=12, interaction=0.0), "interaction(arm, clamp)")
    assert nothing.verdict == "undecided"
    assert any("never contradicted" in note for note in nothing.notes)
    mixed = ask(record, "interaction(arm, clamp)", pairing="independent")
    assert (mixed.verdict, mixed.n) == ("supported", 24)


def test_a_difference_without_direction_is_never_contradicted(of_arms):
    assert ask(of_arms(arms(0.8, 0.6)), "clean != half").verdict == "supported"
    found = ask(of_arms(arms(0.7, 0.7)), "clean != half")
    assert found.verdict == "undecided"
    assert any("`a ~ b within MARGIN`" in note for note in found.notes)


def correlated(r, n=60):
    """Two variables whose correlation in these subjects is exactly r."""
    drawn = np.random.default_rng(61).normal(size=(2, n))
    x, other = drawn - drawn.mean(axis=1, keepdims=True)
    x /= np.linalg.norm(x)
    other -= (other @ x) * x
    return {"clean": x}, {"clean": r * x + np.sqrt(1 - r * r) * other / np.linalg.norm(other)}


@pytest.mark.parametrize(
    ("r", "relation", "verdict"),
    [
        (-0.7, "< 0", "supported"),
        (0.7, "< 0", "contradicted"),
        (-0.7, "> -0.3", "contradicted"),
        (0.8, "> 0.3", "supported"),
        (0.0, "~ 0 within 0.4", "supported"),
        (0.9, "~ 0 within 0.4", "contradicted"),
        (0.7, "!= 0", "supported"),
        (0.05, "< 0", "undecided"),
    ],
)
def test_correlations(of_arms, r, relation, verdict):
    x, y = correlated(r)
    hypothesis = Hypothesis(claim=f"corr(L.x, L.y) {relation}")
    found = hypothesis.test({"L": of_arms(x, name="x", y=y)}, "L3")
    assert found.verdict == verdict
    assert found.effect == pytest.approx(r, abs=1e-12)
    assert (found.of, found.n, found.effect_name) == ("L.x, L.y", 60, "r")


def test_a_correlation_over_age_within_subjects():
    # claim L4: the two records meet by subject and epoch
    epochs, subjects = [5, 10, 15, 20], [f"clean-{seed}" for seed in range(8)]
    loss = RNG.normal(0, 1, (8, 1)) + np.linspace(0, 1, 4) + RNG.normal(0, 0.1, (8, 4))
    auc = RNG.normal(0, 5, (8, 1)) - loss + RNG.normal(0, 0.1, (8, 4))
    coords = {"subject": subjects, "arm": ("subject", ["clean"] * 8), "epoch": epochs}
    records = {
        "L": xr.Dataset({"auc": (("subject", "epoch"), auc)}, coords),
        "History": xr.Dataset({"test_loss": (("subject", "epoch"), loss)}, coords),
    }
    found = Hypothesis(claim="corr(L.auc, History.test_loss) < 0", within="epoch").test(records, "L4")
    assert (found.verdict, found.n, found.effect_name) == ("supported", 8, "repeated-measures r")


def test_ages_of_one_record_can_be_read_as_the_onsets_of_another():
    """As one onset after the other: what a window from 10 costs goes with what was measured at age 10."""
    subjects, onsets, ages = [f"clean-{seed}" for seed in range(6)], [0, 10, 40], [0, 5, 10, 20, 40]
    trace = RNG.normal(0, 3, (6, 1)) + np.array([1.0, 7.0, 3.0, 0.0, 2.0]) + RNG.normal(0, 0.1, (6, 5))
    cost = 0.1 * trace[:, [0, 2, 4]] + RNG.normal(0, 5, (6, 1)) + RNG.normal(0, 0.001, (6, 3))
    arm = {"subject": subjects, "arm": ("subject", ["clean"] * 6)}
    records = {
        "Window": xr.Dataset({"cost": (("subject", "onset"), cost)}, {**arm, "onset": onsets}),
        "Info": xr.Dataset({"trace": (("subject", "epoch"), trace)}, {**arm, "epoch": ages}),
    }
    claim = {"claim": "corr(Window.cost, Info.trace) > 0", "within": "onset"}
    found = Hypothesis(**claim, aligned={"epoch": "onset"}).test(records, "C7")
    assert (found.verdict, found.n, found.effect) == ("supported", 6, pytest.approx(1.0, abs=0.01))
    alone = Hypothesis(**claim).test(records, "C7")
    assert alone.verdict == "undecided"
    assert "Info.trace does not vary along onset" in alone.sentence


def test_what_the_data_cannot_answer_is_undecided_with_the_reason(of_arms):
    record = of_arms({"clean": [0.8, 0.7]}).assign_attrs(excluded="half-0 (epoch 3), half-1 (epoch 2)")
    found = ask(record, "clean > half")
    assert (found.verdict, found.n) == ("undecided", 0)
    assert "arm has no level 'half'" in found.sentence
    assert "half-0 (epoch 3)" in found.sentence
    assert found.plain()["p"] is None
    missing = Hypothesis(claim="a > b", of="Nothing.auc").test({"L": record})
    assert missing.verdict == "undecided"
    assert "L.auc" in missing.sentence


def test_lost_subjects_of_arms_that_the_claim_names_are_named(of_arms):
    data = arms(0.8, 0.6, 0.4)
    data["half"][3] = np.nan
    data["random"][5] = np.nan
    notes = " ".join(ask(of_arms(data), "clean > half").notes)
    assert "seed 3 (nothing in half)" in notes
    assert "random" not in notes


def test_a_verdict_is_plain_data(of_arms):
    plain = ask(of_arms(arms(0.8, 0.6)), "clean > half").plain()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    numbers = {"effect", "low", "high", "p", "n", "power"}
    assert set(plain) == numbers | {"label", "claim", "of", "verdict", "effect_name", "sentence", "notes"}


def test_a_hypothesis_is_plain_data_and_back():
    hypothesis = Hypothesis(claim="zero > mean", of="L.auc", factor=("arm", "clamp"), where={"epoch": "last"})
    assert build(Hypothesis, hypothesis.plain()) == hypothesis


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"claim": "a >", "of": "L.auc"}, "Hypothesis.claim: required a claim such as"),
        ({"claim": "a > b"}, "Hypothesis.of: required the variable of the claim"),
        ({"claim": "corr(L.x, L.y) < 0", "of": "L.x"}, "Hypothesis.of: required nothing"),
        ({"claim": "a > b", "of": "L.x", "within": "epoch"}, "Hypothesis.within: required nothing, unless"),
        (
            {"claim": "a > b", "of": "L.x", "aligned": {"epoch": "onset"}},
            "aligned: required nothing, unless",
        ),
        ({"claim": "corr(L.x, L.y) < 0", "within": "epoch", "method": "spearman"}, "required pearson"),
    ],
)
def test_declarations_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(SpecificationError) as error:
        Hypothesis(**fields)
    assert message in str(error.value)


DESIGN = Design(
    records={
        "L": {"auc": ("site", "clamp"), "test_loss": (), "rho": (), "selectivity": ("unit",)},
        "History": {"test_loss": ("subject", "epoch")},
        "Window": {"cost": ("onset",)},
    },
    arms=("clean", "half"),
    levels={"clamp": ("zero", "mean"), "site": ("hidden2",)},
)


CLEAN = {"arm": "clean"}
BOTH = ("arm", "clamp")


@pytest.mark.parametrize(
    ("claim", "fields", "problems"),
    [
        ("clean > half", {"of": "L.test_loss"}, []),
        ("clean > hafl", {"of": "L.test_loss"}, ["claim: required levels of arm; came 'hafl'. Did you mean"]),
        ("clean > half", {"of": "L.tset_loss"}, ["of: required a variable of L; came 'tset_loss'. Did you mean"]),
        ("clean > half", {"of": "LL.auc"}, ["of: required a variable of a record"]),
        ("clean > half", {"of": "L.auc"}, ["where: required one value a subject and condition; came values along"]),
        ("clean > half", {"of": "L.auc", "where": {"clamp": "zero"}}, []),
        ("clean > half", {"of": "L.auc", "where": {"clamp": "zro"}}, ["where.clamp: required a level of clamp"]),
        ("clean > half", {"of": "L.auc", "where": {"clmp": "zero"}}, ["where.clmp", "where: required one value"]),
        ("zero > mean", {"of": "L.auc", "factor": "clamp"}, ["where: required subjects of one arm"]),
        ("zero > mean", {"of": "L.auc", "factor": "clamp", "where": CLEAN}, []),
        ("zero > noise", {"of": "L.auc", "factor": "clamp", "where": CLEAN}, ["claim: required levels of clamp"]),
        ("clean > half", {"of": "L.rho", "where": CLEAN}, ["claim: required levels of arm; came 'half'"]),
        ("mean ~ 0 within 0.1", {"of": "L.rho"}, ["where: required subjects of one arm"]),
        ("mean ~ 0 within 0.1", {"of": "L.rho", "where": CLEAN}, []),
        ("clean > half", {"of": "L.selectivity"}, ["where: required one value"]),
        ("clean > half", {"of": "L.selectivity", "average": ("unit",)}, []),
        ("clean > half", {"of": "L.rho", "average": ("repeat",)}, ["average: required dims of the variable"]),
        ("corr(L.rho, History.test_loss) < 0", {"where": {"epoch": "last"}}, []),
        ("corr(L.rho, History.tets_loss) < 0", {}, ["claim: required a variable of History"]),
        ("corr(L.rho, L.test_loss) < 0", {"within": "unit"}, ["within: required a factor that makes conditions"]),
        ("corr(Window.cost, History.test_loss) < 0", {"within": "onset", "aligned": {"epoch": "onset"}}, []),
        ("corr(L.rho, L.test_loss) < 0", {"aligned": {"age": "onset"}}, ["aligned: required dims of", "aligned: re"]),
        ("interaction(arm, clamp)", {"of": "L.auc"}, []),
        ("interaction(arm, clmp)", {"of": "L.auc"}, ["claim: required arm, another coordinate", "where: required"]),
        ("clean:zero > half", {"of": "L.auc", "factor": BOTH}, ["claim: required a level of each of"]),
        ("clean:zero > half:mean", {"of": "L.auc", "factor": BOTH}, []),
    ],
)
def test_what_the_design_cannot_decide_is_refused_before_it_runs(claim, fields, problems):
    found = [str(problem) for problem in Hypothesis(claim=claim, **fields).refusals(DESIGN)]
    assert len(found) == len(problems), found
    for text, expected in zip(found, problems, strict=True):
        assert text.startswith(expected)
