"""What holds for every registered protocol. One without a case fails."""

import attrs
import numpy as np
import pytest
import torch
import xarray as xr
import yaml

import artneuro as an
from artneuro import registry
from artneuro.errors import SpecificationError
from artneuro.labels import check_schema
from artneuro.protocols import Assay, CohortStudy, TwinStudy
from artneuro.protocols.protocol import Examination
from artneuro.rearing import WiringPenalty
from artneuro.study.document import dump

REGISTERED = [name for name, cls in registry.members("protocol").items() if cls.__module__.startswith("artneuro.")]

# what a cohort study says of a subject depends on the others
BY_THEMSELVES = [name for name in REGISTERED if not issubclass(registry.members("protocol")[name], CohortStudy)]

# name: (a protocol that measures much, one that must be refused for the subjects below, what the refusal names)
CASES = {
    "ActivationMaximisation": (
        an.ActivationMaximisation(sites=("hidden1",), units=2, stimuli={"count": 20}, ascent={"steps": 3}, extremes=2),
        an.ActivationMaximisation(sites=("nowhere",)),
        "nowhere",
    ),
    "BrainComparison": (
        an.BrainComparison(
            brains={"it": "simulated", "one": {"simulated": {"subjects": 1}}},
            predictors={"category": "class"},
            sites=("hidden1",),
            metric="euclidean",
            pairs=True,
        ),
        an.BrainComparison(brains={"it": "simulated"}, sites=("nowhere",)),
        "nowhere",
    ),
    "DeprivationStudy": (
        an.DeprivationStudy(deficits={"flip": an.VerticalFlip()}, removals=(0, 1), onsets=(0,), duration=1),
        an.DeprivationStudy(deficits={"flip": an.VerticalFlip()}, onsets=(9,), duration=1),
        "onsets",
    ),
    "HumanErrors": (
        an.HumanErrors(people="simulated", words={"0": "0", "1": "1", "2": "2"}),
        an.HumanErrors(people="simulated", words={"nobody": "0"}),
        "nobody",
    ),
    "HumanUncertainty": (
        an.HumanUncertainty(people={"simulated": {"classes": [str(n) for n in range(10)], "per_class": 2}}, splits=1),
        an.HumanUncertainty(people="simulated"),
        "answers that are the classes",
    ),
    "IndividualDifferences": (
        an.IndividualDifferences(sites=("hidden1",), stimuli={"count": 20}),
        an.IndividualDifferences(sites=("nowhere",)),
        "nowhere",
    ),
    "InformationStudy": (
        an.InformationStudy(count=50, empirical=True, kfac_damping=0.1, gradient_batch=10),
        an.InformationStudy(layers=("nowhere",)),
        "nowhere",
    ),
    "LesionStudy": (
        an.LesionStudy(site="hidden1", order=("random", "selectivity"), fractions=5, repeats=2, noise_scales=(0, 1)),
        an.LesionStudy(site="nowhere"),
        "nowhere",
    ),
    "MatrixCompletion": (
        an.MatrixCompletion(observed=20, first_rank=2, rank=1, removals=(0, 20), epochs=30),
        an.MatrixCompletion(rank=7, first_rank=7, observed=20, removals=(0,)),
        "rank",
    ),
    "NeuralPrediction": (
        an.NeuralPrediction(brain="simulated", sites=("hidden1",)),
        an.NeuralPrediction(brain="simulated", sites=("nowhere",)),
        "nowhere",
    ),
    "Neurogenesis": (
        an.Neurogenesis(turnover=an.Turnover(site="hidden1", count=2, every=1), repeats=2),
        an.Neurogenesis(turnover=an.Turnover(site="nowhere", count=2, every=1)),
        "nowhere",
    ),
    "Recording": (
        an.Recording(stimuli={"count": 20}, pool="none"),
        an.Recording(sites=("nowhere",)),
        "nowhere",
    ),
    "VirtualElectrophysiology": (
        an.VirtualElectrophysiology(
            sites=("hidden1",), stimuli={"count": 20}, extremes=2, importance="test", pairs=True
        ),
        an.VirtualElectrophysiology(sites=("nowhere",)),
        "nowhere",
    ),
    "WiringCost": (
        an.WiringCost(penalty=WiringPenalty(phases=({"rate": 0.1},)), runs=1, threshold=0.0),
        an.WiringCost(penalty=WiringPenalty(phases=({"rate": 0.1},)), runs=1, threshold=0.0),
        "embedded",
    ),
}
# protocols that need subjects of their own kind: anatomy, environment
KINDS = {
    "MatrixCompletion": (an.anatomy("deep_linear", depth=2, width=6), an.environment("one_hot", n=6)),
    "WiringCost": (
        an.anatomy("embedded", of={"mlp": {"widths": [6]}}),
        an.environment("digits", train_size=100, test_size=60),
    ),
}

# anatomy like theirs, but larger
LARGER = {"MatrixCompletion": {"width": 9}, "WiringCost": {"of": {"mlp": {"widths": [9, 5]}}}}
# protocols that can measure every subject of their own kind -> whose subjects they refuse
REFUSED = {"WiringCost": "LesionStudy"}


@pytest.fixture(scope="module")
def reared():
    def cohort(anatomy, place):
        return an.Cohort.of(anatomy=anatomy, environment=place, rearing=an.Rearing(epochs=2, batch=20), n=2).rear()

    usual = cohort(an.anatomy("mlp", widths=(6,)), an.environment("digits", train_size=100, test_size=60))
    return {name: cohort(*KINDS[name]) if name in KINDS else usual for name in CASES}


@pytest.fixture(scope="module")
def recorded(reared):
    known = {}

    def record(name):
        if name not in known:
            known[name] = CASES[name][0].run(reared[name])
        return known[name]

    return record


def permuted(subject):
    """The same network with its hidden units in another order."""
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    weights = dict(subject.weights)
    first, second = (name for name in weights if name.endswith("weight"))
    weights[first], weights[second] = weights[first][order], weights[second][:, order]
    if (bias := first.replace("weight", "bias")) in weights:
        weights[bias] = weights[bias][order]
    return attrs.evolve(subject, ages={**subject.ages, subject.age: weights}), order


@pytest.mark.parametrize("name", REGISTERED)
def test_it_has_a_case(name):
    assert name in CASES


@pytest.mark.parametrize("name", REGISTERED)
def test_subjects_stay_as_they_are(name, reared):
    before = [(subject.fingerprint, subject.age, subject.model().training) for subject in reared[name]]
    CASES[name][0].run(reared[name])
    assert [(subject.fingerprint, subject.age, subject.model().training) for subject in reared[name]] == before


@pytest.mark.parametrize("name", REGISTERED)
def test_the_same_twice_gives_the_same(name, reared, recorded):
    torch.manual_seed(99)  # what a protocol draws never comes from torch's own generator
    xr.testing.assert_identical(CASES[name][0].run(reared[name]), recorded(name))


@pytest.mark.parametrize("name", REGISTERED)
def test_its_record_keeps_to_the_schema_and_to_what_it_declares(name, recorded):
    record = recorded(name)
    check_schema(record)
    outputs = CASES[name][0].outputs
    for variable in record.data_vars:
        assert record[variable].dims == ("subject", *outputs[variable].dims), variable
        assert record[variable].attrs["units"] == outputs[variable].units
    assert an.provenance(record)["protocol"] == CASES[name][0].named()


@pytest.mark.parametrize("name", REGISTERED)
def test_levels_that_a_newborn_tells_are_those_of_its_record(name, reared, recorded):
    """Otherwise a study file would be refused for what is there, or not for what is not."""
    protocol, record = CASES[name][0], recorded(name)
    if not isinstance(protocol, Examination):
        return
    young = next(iter(reared[name]))
    for dim, told in protocol.levels_of(an.Subject.naive(young.anatomy, young.environment, seed=0)).items():
        assert set(told) == set(record[dim].values.ravel().tolist()), dim


@pytest.mark.parametrize("name", REGISTERED)
def test_its_record_survives_the_disk(name, recorded, tmp_path):
    an.write(recorded(name), tmp_path / "it.nc")
    xr.testing.assert_identical(an.read(tmp_path / "it.nc"), recorded(name))
    with xr.open_dataset(tmp_path / "it.nc") as plain:
        assert dict(plain.sizes) == dict(recorded(name).sizes)


@pytest.mark.parametrize("name", REGISTERED)
def test_it_survives_a_study_file(name):
    protocol = CASES[name][0]
    entry = yaml.safe_load(dump({"it": protocol.named()}))["it"]
    assert registry.members("protocol")[name].from_plain(entry[name]) == protocol


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_twins_alone_and_together_give_the_same(name, reared, recorded):
    second = attrs.evolve(reared[name], subjects=reared[name].subjects[1:])
    alone = CASES[name][0].run(second)
    xr.testing.assert_equal(alone, recorded(name).isel(subject=[1]))


@pytest.mark.parametrize("name", REGISTERED)
def test_it_refuses_what_it_cannot_measure_by_name(name, reared):
    with pytest.raises(SpecificationError, match=CASES[name][2]):
        CASES[name][1].run(reared[REFUSED.get(name, name)])


@pytest.mark.parametrize("name", [name for name in REGISTERED if issubclass(registry.members("protocol")[name], Assay)])
def test_numbering_hidden_units_otherwise_changes_no_answer_and_moves_units_along(name, reared, recorded):
    subject, order = permuted(reared[name].subjects[0])
    other, record = CASES[name][0].run(subject), recorded(name).isel(subject=[0])
    if "selectivity" in record:
        tied = record.isel(unit=order.numpy())
        for variable in ("selectivity", "mutual_information", "importance", "incoming_norm", "outgoing_norm"):
            np.testing.assert_allclose(other[variable], tied[variable], rtol=1e-5, atol=1e-7, err_msg=variable)
    for variable in ("test_accuracy", "accuracy", "fisher_trace", "predictive_entropy", "test_loss"):
        if variable in record and not {"order", "unit"}.intersection(record[variable].dims):
            # sums over units are taken in another order
            np.testing.assert_allclose(other[variable], record[variable], rtol=1e-4, err_msg=variable)


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_subjects_of_different_size_stand_in_one_record(name):
    small = KINDS.get(name, (an.anatomy("mlp", widths=(6,)), an.environment("digits", train_size=100, test_size=60)))
    large = an.Arm(anatomy=small[0].but(**LARGER.get(name, {"widths": (9, 5)})))
    arms, rearing = {"small": (), "large": large}, an.Rearing(epochs=2, batch=20)
    cohort = an.Cohort.of(anatomy=small[0], environment=small[1], rearing=rearing, arms=arms, n=1).rear()
    both = CASES[name][0].run(cohort)
    check_schema(both)
    for place, arm in enumerate(arms):
        alone = CASES[name][0].run(
            attrs.evolve(cohort, subjects=(cohort.subjects[place],), arms={arm: cohort.arms[arm]})
        )
        for variable, values in alone.data_vars.items():
            if not {"unit", "connection"}.intersection(values.dims):
                here = both[variable].isel(subject=[place])
                named = {dim: values[dim] for dim in ("layer", "circuit_site", "projection") if dim in values.dims}
                xr.testing.assert_equal(here.sel(named), values)
            else:
                there = both[variable].isel(subject=place).values
                kept = there[np.isfinite(there) & (there != -1)]
                own = values.values[0]
                assert kept.tolist() == own[np.isfinite(own) & (own != -1)].tolist(), variable


def test_every_protocol_is_an_assay_a_cohort_study_or_a_twin_study():
    for cls in registry.members("protocol").values():
        assert sum(issubclass(cls, kind) for kind in (Assay, CohortStudy, TwinStudy)) == 1
