"""BrainComparison: a network that is the brain, agreement with slow references, and brains that do not fit."""

import attrs
import numpy as np
import pytest
import torch
from scipy.stats import rankdata, spearmanr

import artneuro as an
from artneuro import measures
from artneuro.brains import brain, brain_of
from artneuro.environment.data_root import data_root_at
from artneuro.errors import SpecificationError

PLACE = an.environment("digits", train_size=60, test_size=40)


@pytest.fixture(scope="module")
def subject():
    return an.Subject.naive(an.anatomy("simple_cnn", channels=(4,), hidden=12), PLACE, seed=0)


def saved(folder, name, **arrays):
    np.savez(folder / f"{name}.npz", **arrays)
    return {"file": {"path": f"{name}.npz"}}


def test_a_brain_that_is_the_network_itself_is_alike(subject, own_root):
    model = brain("simulated")
    shown = model.shown_to(PLACE)
    activity = an.record(subject, shown, "conv1", pool="none").activity.values
    images = model.images.permute(0, 2, 3, 1).numpy()
    itself = saved(own_root, "itself", activity=activity, images=images, names=model.names())
    found = an.BrainComparison(brains={"itself": itself, "simulated": "simulated"}).run(subject).isel(subject=0)
    likeness = found.similarity.sel(reference="itself")
    assert likeness.sel(site="conv1") == pytest.approx(1, abs=1e-9)
    assert likeness.sel(site="hidden1") < 0.95
    assert np.isnan(found.ceiling_lower.sel(reference="itself"))  # of a single animal nothing is known
    # what is wholly explained leaves nothing to correlate with others
    assert np.isnan(found.partial.sel(site="conv1", reference="simulated", given="itself"))


def test_numbers_are_those_of_slow_references(subject):
    protocol = an.BrainComparison(
        brains={"it": "simulated"}, predictors={"category": "class", "light": "luminance"}, pairs=True, pool="mean"
    )
    found = protocol.run(subject).isel(subject=0)
    model = brain("simulated")
    shown = model.shown_to(PLACE)
    activity = an.record(subject, shown, "hidden1").activity.values.astype(float)
    layer = 1 - np.corrcoef(activity)[np.triu_indices(24, 1)]
    category = [float(a != b) for k, a in enumerate(shown.targets) for b in shown.targets[k + 1 :]]
    rdms = {"it": model.rdms().mean(dim=0).numpy(), "category": np.array(category)}
    at = {"site": "hidden1"}
    for name, rdm in rdms.items():
        assert found.similarity.sel(**at, reference=name).item() == pytest.approx(
            spearmanr(layer, rdm).statistic, abs=1e-6
        )
    each = np.mean([spearmanr(layer, one).statistic for one in model.rdms().numpy()])
    assert found.individual_similarity.sel(**at, reference="it").item() == pytest.approx(each, abs=1e-6)
    partial = measures.partial_correlation(*(torch.from_numpy(one) for one in (layer, rdms["it"], category_of(rdms))))
    assert found.partial.sel(**at, reference="it", given="category").item() == pytest.approx(partial, abs=1e-6)
    among = spearmanr(rdms["it"], rdms["category"]).statistic
    assert found.reference_similarity.sel(reference="it", given="category").item() == pytest.approx(among, abs=1e-6)
    ceiling = (found.ceiling_lower.sel(reference="it").item(), found.ceiling_upper.sel(reference="it").item())
    assert ceiling == pytest.approx(measures.noise_ceiling(model.rdms()))
    ranks = (rankdata(rdms["it"]) - 0.5) / len(layer)
    square = found.percentile.sel(compared="it").values
    np.testing.assert_allclose(square[np.triu_indices(24, 1)], ranks, atol=1e-6)
    assert np.array_equal(square, square.T)
    assert found.category.values.tolist() == model.record.category.values.tolist()


def category_of(rdms):
    return rdms["category"][None]


def test_stimuli_are_known_by_name_and_not_by_place(subject, own_root):
    model = brain("simulated")
    turned = model.in_order_of(model.names()[::-1])
    file = saved(
        own_root,
        "turned",
        dissimilarity=turned.record.dissimilarity.values,
        images=turned.images.permute(0, 2, 3, 1).numpy(),
        names=turned.names(),
    )
    found = an.BrainComparison(brains={"it": "simulated", "turned": file}).run(subject).isel(subject=0)
    assert found.reference_similarity.sel(reference="it", given="turned").item() == pytest.approx(1)
    assert found.similarity.sel(reference="turned").values == pytest.approx(found.similarity.sel(reference="it").values)


def test_brains_that_do_not_fit_are_refused_before(subject, own_root):
    other = {"simulated": {"per_class": 5}}
    answers = saved(own_root, "answers", answers=np.ones((24, 2)), names=brain("simulated").names())
    for brains, said in (
        (
            {"it": "simulated", "other": other},
            r"brains\.other: required the stimuli of it; came 16 that only one of them",
        ),
        (
            {"it": "simulated", "people": answers},
            r"brains\.people: required images that subjects can be shown; came none",
        ),
        ({"it": "simulated", "people": answers}, r"brains\.people: required dissimilarities or responses of neurons"),
    ):
        with pytest.raises(SpecificationError, match=said):
            an.BrainComparison(brains=brains).run(subject)
    with pytest.raises(SpecificationError, match="predictors: required names that no brain has; came 'it'"):
        an.BrainComparison(brains={"it": "simulated"}, predictors={"it": "class"})


def test_what_was_read_is_part_of_what_is_measured(own_root):
    first = ""
    for number in (0, 1):
        saved(own_root, "it", dissimilarity=np.arange(6.0) + number, images=np.zeros((4, 8, 8), np.uint8))
        protocol = an.BrainComparison(brains={"it": {"file": {"path": "it.npz"}}})
        with data_root_at(own_root):
            first = protocol.material() if number == 0 else first
            assert (protocol.material() == first) == (number == 0)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_partial_correlations_at_once_are_those_one_by_one(method):
    rdms = torch.rand(5, 45, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rdms = rdms + rdms[:1]
    layers, references = rdms[:2], rdms[2:]
    found = measures.partial_correlations(
        measures.compare_rdms(layers, references, method), measures.compare_rdms(references, references, method)
    )
    for x, y, z in ((0, 0, 1), (1, 2, 0), (1, 1, 2)):
        alone = measures.partial_correlation(layers[x], references[y], references[[z]], ranked=method == "spearman")
        assert float(found[x, y, z]) == pytest.approx(alone, abs=1e-12)
    assert found.diagonal(dim1=1, dim2=2).isnan().all()


def test_a_brain_of_neurons_is_compared_by_its_patterns(subject):
    model = brain("simulated")
    neurons = attrs.evolve(model, record=model.record.drop_vars("dissimilarity"))
    expected = measures.rdm(model.record.activity.values, "cosine")
    assert torch.equal(neurons.rdms("cosine")[0], expected)
    assert brain_of("a", {"activity": model.record.activity.values}).rdms("cosine")[0].tolist() == expected.tolist()
