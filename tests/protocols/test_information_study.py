import attrs
import numpy as np
import pytest
import torch
import xarray as xr

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.measures import fisher_trace, kfac_log_determinant, noise_information
from artneuro.protocols import InformationStudy
from artneuro.rearing import Window

NOISE = {"beta": 1e-3, "prior_width": 0.5, "steps": 20}
EVERYTHING = {"empirical": True, "gradient_batch": 20, "kfac_damping": 1e-3, "noise": NOISE}


def study(**changed):
    return InformationStudy(**{"count": 60, "batch": 25} | changed)


@pytest.fixture(params=["mlp", "simple_cnn"])
def subject(request, able):
    shape = {"mlp": {"widths": (12, 9)}, "simple_cnn": {"channels": (6, 8), "hidden": 16}}
    return able(request.param, batch_norm=True, **shape[request.param])


@pytest.fixture
def small(able):
    return able(widths=(12, 9))


# ---------------------------------------------------------------- what is measured


def test_it_records_what_the_measure_gives_for_the_stimuli_of_the_stream(subject):
    record = study(estimator="exact").run(subject).isel(subject=0)
    stream = an.Stream(0).child("assay", "InformationStudy", "stimuli", "train")
    order = torch.from_numpy(stream.numpy().permutation(300))[:60]
    place = subject.environment
    found = fisher_trace(subject.model(), place.present(place.train.images[order]), estimator="exact")
    assert tuple(record.layer.values) == found.layers
    np.testing.assert_allclose(record.layer_trace, found.value, rtol=1e-5)  # single precision, other blocks
    np.testing.assert_allclose(record.layer_trace_error, found.error, rtol=1e-5)
    assert float(record.fisher_trace) == pytest.approx(found.total, rel=1e-5)
    assert float(record.fisher_trace_error) == pytest.approx(found.total_error, rel=1e-5)
    assert float(record.fisher_draw_error) == 0
    assert float(record.predictive_entropy) == pytest.approx(found.entropy, rel=1e-5)
    right = subject.model()(place.present(place.train.images[order])).argmax(1) == place.train.targets[order]
    assert float(record.accuracy) == pytest.approx(right.double().mean().item())


def test_the_total_is_that_of_its_layers_and_shares_sum_to_one(subject):
    record = study().run(subject)
    np.testing.assert_allclose(record.layer_trace.sum("layer"), record.fisher_trace)
    np.testing.assert_allclose(record.fisher_share.sum("layer"), 1.0)
    weights = sum(weight.numel() for weight in subject.model().parameters())
    assert int(record.layer_weights.sum()) == weights


@pytest.mark.parametrize("estimator", ["weighted", "probe", "sampled", "batch"])
def test_estimators_agree_within_their_errors(small, estimator):
    exact = study(estimator="exact").run(small).isel(subject=0)
    drawn = study(estimator=estimator, draws=50).run(small).isel(subject=0)
    apart = abs(drawn.fisher_trace - exact.fisher_trace) / drawn.fisher_draw_error
    assert float(apart) < 4
    assert float(drawn.fisher_draw_error / exact.fisher_trace) < 0.2  # so that the line above says something


def test_all_stimuli_of_the_other_set_may_be_taken(small):
    record = study(estimator="exact", stimuli="test", count=None).run(small).isel(subject=0)
    place = small.environment
    found = fisher_trace(small.model(), place.present(place.test.images), estimator="exact")
    assert float(record.fisher_trace) == pytest.approx(found.total, rel=1e-5)
    assert float(record.fisher_trace_error) == pytest.approx(found.total_error, rel=1e-5)


def test_some_layers_may_be_chosen(small):
    every = study(estimator="exact").run(small)
    last = every.layer.values[-1]
    some = study(estimator="exact", layers=(last,)).run(small)
    assert some.layer.values.tolist() == [last]
    np.testing.assert_allclose(some.layer_trace, every.layer_trace.sel(layer=[last]), rtol=1e-6)


def test_what_is_measured_on_targets_takes_those_the_subject_learnt(small):
    taught = attrs.evolve(small, interventions=(an.LabelCorruption(fraction=1.0),))
    own, other = (study(estimator="exact", **EVERYTHING).run(one) for one in (small, taught))
    assert float(own.fisher_trace[0]) == float(other.fisher_trace[0])  # labels are the model's own
    assert float(own.accuracy[0]) > 0.6 > 0.4 > float(other.accuracy[0])
    assert float(other.empirical_trace[0]) > 2 * float(own.empirical_trace[0])
    assert (other.gradient_log_mean > own.gradient_log_mean).all()


def test_further_quantities_are_those_of_the_measures(subject):
    record = study(estimator="exact", kfac_damping=1e-3, noise=NOISE).run(subject).isel(subject=0)
    stream = an.Stream(0).child("assay", "InformationStudy")
    order = torch.from_numpy(stream.child("stimuli", "train").numpy().permutation(300))[:60]
    place = subject.environment
    stimuli, targets = place.present(place.train.images[order]), place.train.targets[order]
    factors = kfac_log_determinant(subject.model(), stimuli, damping=1e-3, source="exact")
    assert float(record.kfac_log_determinant) == pytest.approx(factors.total, rel=1e-4)  # single precision
    known = record.kfac_layer_log_determinant.dropna("layer")
    assert tuple(known.layer.values) == factors.layers
    np.testing.assert_allclose(known, factors.value, rtol=1e-4)
    noise = noise_information(
        subject.model(), stimuli, targets, generator=stream.child("noise").torch(), batch=128, **NOISE
    )
    assert float(record.noise_information) == pytest.approx(noise.total, rel=1e-4)
    assert float(record.noise_information_error) == pytest.approx(noise.total_error, rel=1e-4)
    np.testing.assert_allclose(record.noise_layer_information, noise.value, rtol=1e-3)
    np.testing.assert_allclose(record.noise_deviation, noise.deviation, rtol=1e-4)


def test_what_is_not_asked_for_is_not_there(small):
    record = study().run(small)
    assert not [name for name in record if str(name).startswith(("empirical", "gradient", "kfac", "noise"))]


def test_it_follows_a_life(tmp_path):
    digits = an.environment("digits", train_size=200, test_size=50)
    rearing = an.Rearing(epochs=3, batch=20, optimizer={"adam": {"lr": 0.01}}, keep=(0, 1))
    subject = an.rear(an.Subject.naive(an.anatomy("mlp", widths=(12,)), digits, 0), digits, rearing)
    traces = [study(estimator="exact").run(subject.at(age)) for age in (0, 1, 3)]
    assert len({float(record.fisher_trace[0]) for record in traces}) == 3
    assert float(traces[2].predictive_entropy[0]) < float(traces[0].predictive_entropy[0])


# ---------------------------------------------------------------- identity


def test_an_assay_leaves_the_subject_as_it_is(subject):
    before = {name: tensor.clone() for name, tensor in subject.weights.items()}
    study(**EVERYTHING).run(subject)
    assert attrs.evolve(subject).fingerprint == subject.fingerprint
    assert all(torch.equal(before[name], tensor) for name, tensor in subject.weights.items())


def test_the_same_seed_gives_the_same_record_and_another_does_not(small):
    first, second = study(**EVERYTHING).run(small), study(**EVERYTHING).run(small)
    xr.testing.assert_identical(first, second)
    assert float(study().run(attrs.evolve(small, seed=1)).fisher_trace[0]) != float(first.fisher_trace[0])


def test_twins_are_measured_alike_whatever_their_arm(small):
    record = study().run([attrs.evolve(small, arm=arm) for arm in ("one", "other")])
    assert float(record.fisher_trace[0]) == float(record.fisher_trace[1])


def test_alone_or_with_others_a_subject_gives_the_same(small, able):
    other = able(widths=(12, 9), seed=4)
    xr.testing.assert_equal(study().run([small, other]).isel(subject=[1]), study().run(other))


def test_a_record_survives_its_file(small, tmp_path):
    protocol = study(**EVERYTHING)
    record = protocol.run(small)
    an.write(record, tmp_path / "record.nc")
    xr.testing.assert_identical(an.read(tmp_path / "record.nc"), record)
    assert set(record.data_vars) == set(protocol.outputs)
    for name, variable in record.data_vars.items():
        label = protocol.outputs[str(name)]
        assert variable.dims == ("subject", *label.dims), name
        assert variable.attrs == {"long_name": label.long_name, "units": label.units}, name


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"estimator": "empirical"}, "estimator: required one of exact, sampled, weighted, probe, batch"),
        ({"estimator": "exact", "draws": 3}, "draws: required 1 for `exact`, which draws nothing; came 3"),
        ({"count": 1}, "count: required .*>= 2"),
        ({"noise": {"beta": 0.1}}, "noise.prior_width: required"),
        ({"noise": {"beta": 0.1, "prior_width": 0.001}}, "noise.start: required at most the prior's width, 0.001"),
        ({"kfac_damping": 0.0}, "kfac_damping: required .*> 0"),
        ({"gradient_batch": 31}, "gradient_batch: required at most half of `count`, 30.*came 31"),
    ],
)
def test_what_does_not_go_together_is_refused(changed, said):
    with pytest.raises(SpecificationError, match=said):
        study(**changed)


def test_refusals_come_before_any_rearing(able):
    place = able().environment
    naive = an.Subject.naive(an.anatomy("mlp", widths=(12,)), place, seed=0)
    assert list(study().refusals(naive)) == []
    found = list(study(count=301, layers=("hiden1",), gradient_batch=150).refusals(naive))
    assert [problem.where for problem in found] == ["count", "layers"]
    assert "at most 300, all there are; came 301" in str(found[0])
    assert 'Did you mean "hidden1"?' in str(found[1])
    (beyond,) = study(count=None, gradient_batch=151).refusals(naive)
    assert "at most half of the 300 there are" in str(beyond)


def test_batch_norm_without_statistics_is_refused_by_name(able):
    class Drifting(torch.nn.Sequential):
        def __init__(self):
            norm = torch.nn.BatchNorm1d(3, track_running_stats=False)
            super().__init__(torch.nn.Flatten(), torch.nn.Linear(4, 3), norm)

    images, targets = torch.randn(12, 1, 2, 2), torch.arange(12) % 3
    world = an.Environment.from_arrays(images, targets, images, targets)
    subject = an.Subject.naive(an.anatomy_of(Drifting, sites={"out": "2"}), world, seed=0)
    with pytest.raises(SpecificationError, match="InformationStudy.2: required batch norm with running statistics"):
        study(count=12).run(subject)


# ---------------------------------------------------------------- stimuli as they were seen


def test_stimuli_as_seen_have_the_deficits_of_their_time(able):
    flip = an.VerticalFlip(window=Window(onset=1, offset=2))
    naive = an.Subject.naive(an.anatomy("mlp", widths=(12, 9)), able().environment, seed=0)
    adult = an.rear(naive, naive.environment, an.Rearing(epochs=3, batch=50, keep=(1, 2)), [flip])
    flipped = naive.environment.train.images.flip(-2)

    def trace(subject, stimuli):
        return float(study(stimuli=stimuli).run(subject).fisher_trace[0])

    def by_hand(subject):
        stream = subject.stream.child("assay", "InformationStudy")
        order = torch.from_numpy(stream.child("stimuli", "train").numpy().permutation(300))[:60]
        shown = subject.environment.present(flipped[order])
        generator = stream.child("draws").torch()
        return fisher_trace(subject.model(), shown, generator=generator, batch=25).total

    assert trace(adult.at(2), "seen") == pytest.approx(by_hand(adult.at(2)))
    assert trace(adult.at(2), "seen") != trace(adult.at(2), "train")
    for age in (1, 3):  # before the window and after it
        assert trace(adult.at(age), "seen") == trace(adult.at(age), "train")
