import attrs
import numpy as np
import pytest
import torch
import xarray as xr

import artneuro as an
from artneuro.errors import SpecificationError

ANATOMIES = {
    "mlp": ("hidden1", {"widths": (12, 9)}),
    "mlp_norm": ("hidden2", {"widths": (12, 9), "batch_norm": True}),
    "simple_cnn": ("conv2", {"channels": (6, 8), "hidden": 16}),
    "simple_cnn_norm": ("hidden1", {"channels": (6, 8), "hidden": 16, "batch_norm": True}),
}


@pytest.fixture(params=sorted(ANATOMIES))
def subject_and_site(request, able):
    site, parameters = ANATOMIES[request.param]
    return able(request.param.removesuffix("_norm"), **parameters), site


@pytest.fixture
def subject(able):
    return able(widths=(12, 9))


def study(**changed):
    return an.LesionStudy(**{"site": "hidden1", "repeats": 2, "fractions": 5, "batch": 50} | changed)


def test_the_subject_is_as_able_as_the_tests_need(subject_and_site):
    """Else equalities between lesions would hold for want of any effect."""
    subject, site = subject_and_site
    record = study(site=site).run(subject).isel(subject=0)
    assert 0.6 < float(record.intact_accuracy) < 1
    assert float(record.accuracy.sel(fraction=1.0).mean()) < 0.2
    assert float(record.importance.max()) > 0.05


# ---------------------------------------------------------------- identity


def test_a_sham_changes_nothing_bit_for_bit(subject_and_site):
    subject, site = subject_and_site
    orders, clamps = ("random", "importance"), ("zero", "mean", "noise", "resample")
    record = study(site=site, order=orders, clamp=clamps, sham=True).run(subject)
    assert record.sham_loss.shape == (1, 1, 2, 4, 2)
    assert (record.sham_loss.values == record.intact_loss.item()).all()
    assert (record.sham_accuracy.values == record.intact_accuracy.item()).all()
    assert (record.loss.sel(fraction=0.0).values == record.intact_loss.item()).all()
    assert (record.normalised_accuracy.sel(fraction=0.0).values == 1.0).all()


def test_a_sham_cut_of_connections_changes_nothing_bit_for_bit(subject_and_site):
    subject, site = subject_and_site
    record = study(site=site, what="connections", sham=True).run(subject)
    assert (record.sham_loss.values == record.intact_loss.item()).all()
    assert (record.sham_accuracy.values == record.intact_accuracy.item()).all()


def test_without_sham_there_is_none_in_the_record(subject):
    assert not [name for name in study().run(subject).data_vars if str(name).startswith("sham")]


def test_an_assay_leaves_the_subject_as_it_is(subject):
    before = {name: tensor.clone() for name, tensor in subject.weights.items()}
    study(noise_scales=(0.0, 1.0), recovery=an.Rearing(epochs=1)).run(subject)
    study(what="connections").run(subject)
    fresh = attrs.evolve(subject)  # its fingerprint is computed anew
    assert fresh.fingerprint == subject.fingerprint
    assert all(torch.equal(before[name], tensor) for name, tensor in subject.weights.items())


def test_the_same_seed_gives_the_same_record_and_another_does_not(subject):
    protocol = study(clamp=("noise", "resample"), noise_scales=(0.0, 1.0))
    first, second = protocol.run(subject), protocol.run(subject)
    xr.testing.assert_identical(first, second)
    other = protocol.run(attrs.evolve(subject, seed=1))
    assert (other.lesion_rank.values != first.lesion_rank.values).any()
    assert (other.noise_loss.values != first.noise_loss.values).any()


def test_twins_get_the_same_lesions_whatever_their_arm(subject):
    record = study(clamp="noise").run([attrs.evolve(subject, arm=arm) for arm in ("one", "other")])
    xr.testing.assert_equal(
        record.isel(subject=0).drop_vars(["subject", "arm"]), record.isel(subject=1).drop_vars(["subject", "arm"])
    )


def test_alone_or_with_others_a_subject_gives_the_same(subject, able):
    other = able(widths=(12, 9), seed=4)
    both = study(order=("random", "selectivity")).run([subject, other])
    xr.testing.assert_equal(both.isel(subject=[1]), study(order=("random", "selectivity")).run(other))


def test_a_record_survives_its_file(subject, tmp_path):
    everything = study(
        site=("hidden1", "hidden2"),
        order=("random", "importance"),
        clamp=("zero", "mean"),
        noise_scales=(0.0, 0.5),
        sham=True,
        recovery=an.Rearing(epochs=1),
        groups={},
    )
    record = everything.run(subject)
    an.write(record, tmp_path / "record.nc")
    xr.testing.assert_identical(an.read(tmp_path / "record.nc"), record)
    assert set(record.data_vars) == set(everything.outputs)
    for name, variable in record.data_vars.items():
        label = everything.outputs[str(name)]
        assert variable.dims == ("subject", *label.dims), name
        assert variable.attrs == {"long_name": label.long_name, "units": label.units}, name


# ---------------------------------------------------------------- mathematics


def test_relabelling_hidden_units_permutes_what_is_measured_of_each(subject):
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    weights = dict(subject.weights)
    for name in ("hidden1.weight", "hidden1.bias"):
        weights[name] = weights[name][order]
    weights["hidden2.weight"] = weights["hidden2.weight"][:, order]
    protocol = study(order="selectivity", statistics="train")
    first, second = protocol.run(subject), protocol.run(attrs.evolve(subject, ages={subject.age: weights}))
    per_unit = [name for name in first.data_vars if first[name].dims[:2] == ("subject", "unit")]
    assert len(per_unit) == 12
    for name in per_unit:
        # sums over units come in another order, in float32
        np.testing.assert_allclose(second[name], first[name].isel(unit=order.numpy()), atol=1e-5, err_msg=str(name))
    for name in ("accuracy", "selectivity_mean", "selectivity_importance_rho", "auc"):
        np.testing.assert_allclose(second[name], first[name], atol=1e-6, err_msg=name)


def test_with_everything_silenced_the_order_does_not_matter(subject_and_site):
    subject, site = subject_and_site
    orders = ("random", "selectivity", "mutual_information", "incoming_norm", "outgoing_norm", "importance")
    full = study(site=site, order=orders).run(subject).sel(fraction=1.0)
    assert len(np.unique(full.accuracy)) == 1
    assert len(np.unique(full.loss)) == 1


def test_descending_and_ascending_are_each_other_reversed(subject):
    down, up = (study(order="incoming_norm", ascending=up).run(subject) for up in (False, True))
    values = down.incoming_norm.values[0]
    assert len(np.unique(values)) == 12  # no ties, which keep their order both ways
    assert (down.lesion_rank.values == 11 - up.lesion_rank.values).all()
    assert values[down.lesion_rank.values[0, 0, 0].argsort()].tolist() == sorted(values, reverse=True)


def test_how_stimuli_are_cut_into_blocks_hardly_matters(subject_and_site):
    subject, site = subject_and_site
    small, large = (study(site=site, clamp=("zero", "mean"), batch=batch).run(subject) for batch in (7, 500))
    np.testing.assert_allclose(small.loss, large.loss, atol=1e-5)  # float32, in products of another size
    np.testing.assert_array_equal(small.lesion_rank, large.lesion_rank)


def test_a_site_without_influence_has_a_flat_curve(subject):
    weights = {**subject.weights, "hidden2.weight": subject.weights["hidden2.weight"] * 0}
    mute = attrs.evolve(subject, ages={subject.age: weights})
    record = study(clamp=("zero", "mean")).run(mute)
    assert np.isnan(record.auc).all()  # nothing to lose: it says nothing about robustness
    assert np.isnan(record.normalised_accuracy).all()
    np.testing.assert_allclose(record.accuracy_auc, record.intact_accuracy.item(), rtol=1e-12)  # float64 sums
    assert (record.importance == 0).all()
    assert np.isnan(record.selectivity_importance_rho).all()  # all equally important


def hand_built():
    """Two pixels, two classes; unit 0 carries the one, unit 1 the other, unit 2 nothing. No bias."""
    images = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).repeat(50, 1).view(100, 1, 1, 2)
    targets = torch.tensor([0, 1]).repeat(50)
    world = an.Environment.from_arrays(images, targets, images, targets, normalise="none")
    naive = an.Subject.naive(an.anatomy("mlp", widths=(3,)), world, seed=0)
    weights = {
        "hidden1.weight": torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
        "hidden1.bias": torch.zeros(3),
        "output.weight": torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        "output.bias": torch.zeros(2),
    }
    return attrs.evolve(naive, ages={0: weights})


def test_a_network_with_the_answer_on_paper():
    fractions = (0.0, 1 / 3, 2 / 3, 1.0)
    record = (
        study(order="given", given=(1, 0), fractions=fractions, clamp=("zero", "mean"))
        .run(hand_built())
        .isel(subject=0)
    )
    assert record.lesioned.values.tolist() == [[0, 1, 2, 3]]
    assert record.lesion_rank.values[0, 0].tolist() == [1, 0, 2]
    # without unit 1 both logits are 0 for class 1, and of equal logits the first is the answer
    zero, mean = (record.sel(clamp=clamp, site="hidden1", order="given").isel(repeat=0) for clamp in ("zero", "mean"))
    assert zero.accuracy.values.tolist() == [1.0, 0.5, 0.5, 0.5]
    assert zero.class_accuracy.values.tolist() == [[1, 1], [1, 0], [1, 0], [1, 0]]
    assert zero.normalised_accuracy.values.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert float(zero.auc) == pytest.approx(1 / 6, abs=1e-12)  # a triangle of height 1 and width 1/3
    assert float(zero.accuracy_auc) == pytest.approx(0.5 + 1 / 12, abs=1e-12)
    right, even = np.log1p(np.exp(-1)), np.log(2)
    np.testing.assert_allclose(zero.loss, [right, (right + even) / 2, even, even], rtol=1e-6)  # float32
    # at its mean of .5, unit 1 tells class 1 from nothing, and unit 0 tells class 0 from .5
    assert mean.accuracy.values.tolist() == [1.0, 1.0, 0.5, 0.5]
    assert record.importance.values.tolist() == [0.0, 0.5, 0.0]
    assert record.preferred_class_importance.values.tolist()[:2] == [0.0, 1.0]
    assert np.isnan(record.preferred_class_importance.values[2])
    np.testing.assert_allclose(record.importance_loss, [(even - right) / 2, (even - right) / 2, 0.0], atol=1e-7)
    assert record.selectivity.values.tolist() == [1.0, 1.0, 0.0]
    assert record.preferred_class.values.tolist() == [0, 1, -1]
    bit = 1 + 1 / (2 * 100 * np.log(2))  # one bit, and the correction of Miller and Madow: 2 + 2 - 2 - 1 cells
    np.testing.assert_allclose(record.mutual_information, [bit, bit, 0.0], atol=1e-12)
    assert record.incoming_norm.values.tolist() == [1.0, 1.0, 0.0]
    assert record.outgoing_norm.values.tolist() == [1.0, 1.0, 0.0]
    assert record.mean_activity.values.tolist() == [0.5, 0.5, 0.0]
    assert record.deviation.values.tolist() == [0.5, 0.5, 0.0]
    assert record.alive.values.tolist() == [1, 1, 0]
    assert record.selectivity_mean.values.tolist() == [1.0]  # of the units alive


def test_dead_units_do_nothing_and_are_left_out_of_correlations(able):
    subject = able(widths=(12, 9))
    before = study().run(subject).alive.values[0]
    killed = before.nonzero()[0][:2].tolist()
    weights = {name: tensor.clone() for name, tensor in subject.weights.items()}
    weights["hidden1.weight"][killed] = 0.0
    weights["hidden1.bias"][killed] = -1.0
    record = study(clamp=("zero", "mean", "noise", "resample")).run(attrs.evolve(subject, ages={subject.age: weights}))
    dead = record.isel(unit=killed)
    for name in ("alive", "importance", "importance_loss", "selectivity", "mutual_information", "mean_activity"):
        np.testing.assert_allclose(dead[name], 0.0, atol=1e-7, err_msg=name)  # losses are float32
    assert record.alive.values.sum() == before.sum() - 2
    living = record.isel(unit=record.alive.values[0] == 1)
    from scipy.stats import spearmanr

    expected = spearmanr(living.selectivity.values[0], living.importance.values[0]).statistic
    assert record.selectivity_importance_rho.item() == pytest.approx(expected, abs=1e-12)
    assert record.selectivity_mean.item() == pytest.approx(living.selectivity.mean().item(), abs=1e-12)


# ---------------------------------------------------------------- what is asked


def test_sites_are_measured_one_by_one_or_as_one_pool(subject):
    sites = ("hidden2", "hidden1")  # asked in any order, recorded from input to output
    apart, pooled = (
        study(site=sites, together=together, order=("random", "selectivity")).run(subject) for together in (False, True)
    )
    assert apart.site.values.tolist() == ["hidden1", "hidden2"]
    assert apart.site_module.values.tolist() == ["hidden1_relu (ReLU)", "hidden2_relu (ReLU)"]
    assert apart.unit_site.values.tolist() == ["hidden1"] * 12 + ["hidden2"] * 9
    assert apart.unit_index.values.tolist() == [*range(12), *range(9)]
    assert apart.lesioned.values.tolist() == [[[0, 3, 6, 9, 12], [0, 2, 5, 7, 9]]]
    alone = study(site="hidden2", order=("random", "selectivity")).run(subject)
    xr.testing.assert_equal(apart.sel(site=["hidden2"]).accuracy, alone.accuracy)

    assert pooled.site.values.tolist() == ["hidden1+hidden2"]
    assert pooled.lesioned.values.tolist() == [[[0, 5, 11, 16, 21]]]
    assert sorted(pooled.lesion_rank.values[0, 0, 0].tolist()) == list(range(21))
    first = pooled.selectivity.values[0].argsort()[-1]
    assert pooled.lesion_rank.sel(order="selectivity").values[0, 0, first] == 0
    np.testing.assert_array_equal(pooled.importance, apart.importance)


def test_random_orders_differ_between_repeats_and_others_do_not(subject):
    record = (
        study(order=("random", "selectivity"), clamp=("zero", "noise"), repeats=4).run(subject).isel(subject=0, site=0)
    )
    ranks = record.lesion_rank
    assert len({tuple(rank) for rank in ranks.sel(order="random").values.tolist()}) == 4
    assert len({tuple(rank) for rank in ranks.sel(order="selectivity").values.tolist()}) == 1
    losses = record.loss.sel(fraction=0.5)
    assert len(np.unique(losses.sel(order="selectivity", clamp="zero"))) == 1
    assert len(np.unique(losses.sel(order="selectivity", clamp="noise"))) == 4


def test_learnt_and_true_targets(able):
    subject = able(widths=(12, 9))
    taught = attrs.evolve(subject, interventions=(an.LabelCorruption(fraction=1.0),), rearing=an.Rearing(epochs=3))
    learnt, true, test = (
        study(stimuli=stimuli, targets=targets).run(taught).isel(subject=0)
        for stimuli, targets in (("train", None), ("train", "true"), ("test", None))
    )
    with torch.no_grad():
        logits = taught.model()(subject.environment.present(subject.environment.train.images))
    for record, targets in ((learnt, taught.learnt_targets()), (true, subject.environment.train.targets)):
        assert float(record.intact_accuracy) == (logits.argmax(1) == targets).double().mean().item()
        assert float(record.accuracy.isel(fraction=0).mean()) == float(record.intact_accuracy)
    assert float(learnt.intact_accuracy) != float(true.intact_accuracy)
    assert float(learnt.train_accuracy) == float(true.train_accuracy) == float(learnt.intact_accuracy)
    assert float(test.intact_accuracy) == float(test.test_accuracy) == float(learnt.test_accuracy)
    assert (learnt.selectivity != true.selectivity).any()
    xr.testing.assert_equal(study(stimuli="train", targets=True).run(taught).isel(subject=0), true)  # a bare YAML true


def test_what_units_do_can_be_told_by_other_stimuli(subject):
    train, test, crossed = (
        study(stimuli=stimuli, statistics=statistics, clamp="mean").run(subject)
        for stimuli, statistics in (("train", "measured"), ("test", "test"), ("train", "test"))
    )
    xr.testing.assert_equal(crossed.selectivity, test.selectivity)
    xr.testing.assert_equal(crossed.mean_activity, test.mean_activity)
    xr.testing.assert_equal(crossed.intact_loss, train.intact_loss)
    # clamped to other means; other stimuli: with all units clamped only classes count, of which each has its share
    assert (abs(crossed.loss - train.loss).sel(fraction=1.0) > 1e-3).all()
    assert (abs(crossed.loss - test.loss).sel(fraction=0.5) > 1e-3).all()


def test_noise_of_scale_zero_is_intact_and_its_area_is_relative(subject):
    record = study(site=("hidden1", "hidden2"), noise_scales=(0.0, 0.5, 2.0), repeats=3).run(subject).isel(subject=0)
    assert (record.noise_loss.sel(scale=0.0).values == record.intact_loss.item()).all()
    means = record.noise_accuracy.mean("repeat").values / record.intact_accuracy.item()
    area = (0.5 * (means[0] + means[1]) / 2 + 1.5 * (means[1] + means[2]) / 2) / 2
    assert record.noise_auc.item() == pytest.approx(area, abs=1e-12)
    assert record.noise_loss.sel(scale=2.0).min() > record.intact_loss


def test_connections_are_cut_in_the_declared_order(subject):
    record = study(site="hidden2", what="connections", fractions=(0.0, 0.3, 1.0)).run(subject).isel(subject=0, site=0)
    assert record.lesioned.values.tolist() == [0, 32, 108]
    assert "lesion_rank" not in record
    stream = an.Stream(subject.seed).child("assay", "LesionStudy", "order", "hidden2", 1)
    model = subject.model()
    with torch.no_grad():
        model.hidden2.weight.view(-1)[torch.from_numpy(stream.numpy().permutation(108)[:32])] = 0.0
        logits = model(subject.environment.present(subject.environment.test.images))
    expected = torch.nn.functional.cross_entropy(logits, subject.environment.test.targets).item()
    assert record.loss.values[0, 0, 1, 1] == pytest.approx(expected, abs=1e-5)  # float32


def test_single_lesions_can_be_left_out(subject):
    record = study(single=False).run(subject)
    assert "importance" not in record
    assert "selectivity_importance_rho" not in record
    assert "selectivity" in record


def test_a_site_of_signed_activity_has_no_selectivity():
    class Signed(torch.nn.Sequential):
        def __init__(self):
            super().__init__(torch.nn.Flatten(), torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3))

    generator = torch.Generator().manual_seed(0)
    images, targets = torch.randn(30, 1, 2, 2, generator=generator), torch.arange(30) % 3
    world = an.Environment.from_arrays(images, targets, images, targets)
    subject = an.Subject.naive(an.anatomy_of(Signed, sites={"tanh": "2"}), world, seed=0)
    record = study(site="tanh").run(subject)
    assert np.isnan(record.selectivity).all()
    assert np.isnan(record.selectivity_mean).all()
    assert np.isfinite(record.mutual_information).all()
    with pytest.raises(SpecificationError, match=r"order them by selectivity.*activity >= 0"):
        study(site="tanh", order="selectivity").run(subject)


# ---------------------------------------------------------------- recovery


def test_recovery_begins_where_the_lesion_left_the_subject(subject):
    protocol = study(
        site=("hidden1", "hidden2"),
        together=True,
        clamp=("zero", "mean"),
        recovery=an.Rearing(epochs=2, batch=30, optimizer={"sgd": {"lr": 0.01}}),
        recovery_fractions=(0.25, 0.5),
        sham=True,
    )
    record = protocol.run(subject).isel(subject=0)
    assert record.recovery.values.tolist() == [0, 1, 2]
    after = record.recovery_loss.sel(recovery=0).rename(held_fraction="fraction")
    np.testing.assert_allclose(after, record.loss.sel(fraction=[0.25, 0.5]), atol=1e-5)  # float32
    assert float(record.sham_recovery_loss[0]) == record.intact_loss.item()
    assert float(record.sham_recovery_accuracy[0]) == record.intact_accuracy.item()


def test_recovery_is_rearing_while_the_lesion_holds(subject):
    rearing = an.Rearing(epochs=3, batch=30, optimizer={"sgd": {"lr": 0.02}}, keep=(1, 2))
    taught = attrs.evolve(subject, interventions=(an.LabelCorruption(fraction=0.2), an.EarlyStop(patience=1)))
    protocol = study(
        order="given", given=(3, 7, 1), recovery=rearing, recovery_fractions=(0.25,), clamp=("zero", "mean"), sham=True
    )
    record = protocol.run(taught).isel(subject=0)
    for clamp in ("zero", "mean"):
        values = record.mean_activity.values[[1, 3, 7]].tolist() if clamp == "mean" else [0.0] * 3
        lesion = an.Lesion(site="hidden1", units=(1, 3, 7), values=values)
        adult = an.rear(taught, taught.environment, rearing, (taught.interventions[0], lesion))
        found = record.recovery_accuracy.sel(clamp=clamp, held_fraction=0.25).values[0, 0]
        assert (found == found[0]).all()  # nothing is random: repeats share one rearing
        np.testing.assert_allclose(found[0, 1:], adult.history.test_accuracy[-3:], atol=1e-12)
        assert len(set(found[0].tolist())) > 1
    sham = an.rear(taught, taught.environment, rearing, taught.interventions[:1])
    np.testing.assert_allclose(record.sham_recovery_accuracy[1:], sham.history.test_accuracy[-3:], atol=1e-12)
    assert (record.sham_recovery_accuracy.values != found[0]).any()


def test_a_recovery_that_diverges_is_missing_from_there(subject):
    wild = an.Rearing(epochs=3, batch=30, optimizer={"sgd": {"lr": 1e30}})
    record = study(recovery=wild).run(subject)
    assert np.isfinite(record.recovery_loss.sel(recovery=0)).all()
    assert np.isnan(record.recovery_loss.sel(recovery=3)).all()


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fractions": 1}, r"fractions: required 2 to 10,000 of them; came 1"),
        ({"fractions": 10_001}, r"fractions: required 2 to 10,000 of them"),
        ({"fractions": (0.5,)}, r"at least 2 fractions from 0 to 1, ascending; came \[0.5\]"),
        ({"fractions": (0.5, 0.1)}, r"fractions: required .*ascending; came \[0.5, 0.1\]"),
        ({"fractions": (0.0, 1.5)}, r"fractions: required .* from 0 to 1"),
        ({"order": ()}, r"order: required at least one, each once; came \[\]"),
        ({"clamp": ("zero", "zero")}, r"clamp: required at least one, each once"),
        ({"order": "selectvity"}, r'Did you mean "selectivity"\?'),
        ({"clamp": "half"}, r"clamp: required one of zero, mean, noise, resample"),
        ({"order": "given"}, r"given: required numbers of units where the order is `given`, and only there; came \[\]"),
        ({"given": (1,)}, r"given: required numbers of units where the order is `given`, and only there; came \[1\]"),
        ({"order": "given", "given": (1, 1)}, r"given: required numbers of units from 0, each once"),
        ({"order": "given", "given": (-1,)}, r"given: required numbers of units from 0, each once"),
        ({"order": "given", "given": (1,), "site": ("hidden1", "hidden2")}, r"given: required one site.*came 2 sites"),
        ({"ascending": True}, r"ascending: required an order by a measure; came random. Leave `ascending` out"),
        ({"order": "importance", "single": False}, r"single: required true, for the order `importance`"),
        ({"together": True}, r"together: required several sites; came 'hidden1'"),
        ({"what": "connections", "clamp": "mean"}, r"what: required order random, clamp zero"),
        ({"what": "connections", "order": "selectivity"}, r"what: required order random, clamp zero"),
        ({"noise_scales": (1.0,)}, r"noise_scales: required none, or at least 2, ascending"),
        ({"noise_scales": (1.0, -1.0)}, r"noise_scales: required a list of .* >= 0"),
        ({"targets": "learnt"}, r"targets: required true, on test stimuli.*Measure on `stimuli: train`"),
        ({"recovery": an.Rearing(epochs=1), "clamp": "noise"}, r"recovery: required lesions of units.*came noise"),
        ({"recovery": an.Rearing(epochs=1), "what": "connections"}, r"recovery: required .*came connections"),
        ({"recovery_fractions": ()}, r"recovery_fractions: required at least one"),
        ({"recovery_fractions": (1.5,)}, r"recovery_fractions: required .*between 0 and 1"),
        ({"repeats": 0}, r"repeats: required a whole number between 1 and 10000; came 0"),
        ({"statistics": "trian"}, r'Did you mean "train"\?'),
    ],
)
def test_what_does_not_go_together_is_refused(changed, said):
    with pytest.raises(SpecificationError, match=said):
        study(**changed)


def refused(subject, **changed):
    with pytest.raises(SpecificationError) as caught:
        study(**changed).run(subject)
    return str(caught.value)


def test_a_wrong_site_is_answered_with_the_valid_ones(subject):
    said = refused(subject, site=("hiden1", "hidden2"))
    assert said == (
        "LesionStudy.site: required a site of this anatomy; came 'hiden1'. "
        'Did you mean "hidden1"? Valid: hidden1, hidden2.'
    )


def test_units_beyond_the_site_are_refused(subject):
    said = refused(subject, order="given", given=(3, 12, 40))
    assert said == "LesionStudy.given: required units of hidden1, from 0 to 11; came [12, 40]."


def test_sites_without_known_layers_are_refused_what_needs_them():
    class Opaque(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.into, self.relu, self.out = torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3)

        def forward(self, x):
            x = self.relu(self.into(x.flatten(1)))
            return self.out(x if x.sum() > 0 else -x)

    images, targets = torch.randn(12, 1, 2, 2), torch.arange(12) % 3
    world = an.Environment.from_arrays(images, targets, images, targets)
    subject = an.Subject.naive(an.anatomy_of(Opaque, sites={"relu": "relu"}), world, seed=0)
    said = refused(subject, site="relu", order=("incoming_norm", "outgoing_norm"))
    assert said.count("The layers beside this site cannot be told") == 2
    assert "cut the connections into relu; came 0 layers that can be told" in refused(
        subject, site="relu", what="connections"
    )
    assert np.isnan(study(site="relu").run(subject).incoming_norm).all()  # all else goes on


def test_refusals_come_before_any_rearing(able):
    naive = an.Subject.naive(an.anatomy("mlp"), able().environment, seed=0)
    problems = list(study(site="conv1").refusals(naive))
    assert [problem.where for problem in problems] == ["site"]
    assert list(study().refusals(naive)) == []


# ---------------------------------------------------------------- groups


def test_groups_are_knocked_out_as_their_units_are():
    """Two chains drawn by hand, one a class: without the first, its class is lost; a silent unit is in no group."""
    images = torch.zeros(4, 1, 1, 2, dtype=torch.uint8)
    images[[0, 2], 0, 0, 0] = images[[1, 3], 0, 0, 1] = 255
    targets = torch.tensor([0, 1, 0, 1])
    place = an.Environment.from_arrays(images, targets, images, targets)
    subject = an.Subject.naive(an.anatomy("mlp", widths=(3, 3)), place, seed=0)
    weights = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    weights["hidden1.weight"][[0, 1], [0, 1]] = 1.0
    weights["hidden2.weight"][[1, 0], [0, 1]] = 1.0
    weights["output.weight"][[0, 1], [1, 0]] = 1.0
    weights["output.bias"][:] = torch.tensor([0.0, 0.1])
    subject = attrs.evolve(subject, ages={0: weights})
    record = study(site=("hidden1", "hidden2"), groups={}, single=False).run(subject).isel(subject=0)
    assert record.unit_group.values.tolist() in ([0, 1, -1, 1, 0, -1], [1, 0, -1, 0, 1, -1])
    first = int(record.unit_group[0])
    assert (int(record.groups), record.group_units.values.tolist()) == (2, [2, 2])
    # with nothing to go by, the bias says class 1
    importance, alone = record.group_importance.values, record.alone_accuracy.values
    assert (importance[first], importance[1 - first]) == (0.5, 0.0)
    assert (alone[first], alone[1 - first]) == (1.0, 0.5)
    assert (float(record.groups_accuracy), float(record.groupless_accuracy)) == (1.0, 0.5)
    assert float(record.least_group_importance) == 0.0


def test_groups_of_tokens_are_lesioned_at_every_token():
    """The site has one unit a token and entry; each entry is one unit of the circuit."""
    place = an.environment("modular_addition", p=3)
    subject = an.Subject.naive(an.anatomy("token_mlp", width=4, widths=(6,)), place, seed=0)
    record = study(site="embedding", groups={"threshold": 0.3}).run(subject).isel(subject=0)
    groups = record.unit_group.values
    assert record.sizes["unit"] == 8
    assert (groups[:4] == groups[4:]).all()
    assert int(groups.max()) > 0


def test_groups_are_refused_where_there_is_no_circuit(able):
    with pytest.raises(SpecificationError, match=r"groups\.anatomy"):
        study(site="conv1", groups={}).run(able("simple_cnn", channels=(6, 8), hidden=16))
