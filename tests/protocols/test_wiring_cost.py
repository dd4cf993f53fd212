"""Which arms it brings, and that the graph it records is that of the subject."""

import attrs
import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.anatomy.embedding import Space
from artneuro.environment.data_root import data_root_at
from artneuro.errors import SpecificationError
from artneuro.protocols.tracking import along_age
from artneuro.rearing import MagnitudePruning, Swap, WiringPenalty

PENALTY = WiringPenalty(phases=({"rate": 0.05},))
SWAP = Swap(every=2, top=3)


@pytest.fixture(scope="module")
def study():
    return an.WiringCost(penalty=PENALTY, swap=SWAP, threshold=0.1)


@pytest.fixture(scope="module")
def drawn():
    """A network 2-2-2 of two parts, by hand: input j drives output j through unit j, of which the second is crossed."""
    anatomy = an.anatomy(
        "embedded", of={"mlp": {"widths": [2]}}, embedding={"extent": 1.0, "depth": 0.5, "fixed": ["input", "output"]}
    )
    images = torch.zeros(4, 1, 1, 2, dtype=torch.uint8)
    targets = torch.tensor([0, 1, 0, 1])
    place = an.Environment.from_arrays(images, targets, images, targets)
    subject = an.Subject.naive(anatomy, place, seed=0)
    weights = {name: tensor.clone() for name, tensor in subject.weights.items()}
    first, second = (name for name in weights if name.endswith("weight"))
    weights[first] = torch.tensor([[0.0, 2.0], [-1.0, 0.05]])  # 0.05: below a tenth of the largest
    weights[second] = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    return attrs.evolve(subject, ages={0: weights})


def test_arms_differ_in_locality_and_swaps_alone(study):
    even = PENALTY.but(local=False)
    assert {name: arm.interventions for name, arm in study.arms().items()} == {
        "vanilla": (),
        "l1": (even,),
        "l1+local": (PENALTY,),
        "l1+swap": (even, SWAP),
        "bimt": (PENALTY, SWAP),
    }


def test_a_graph_drawn_by_hand_is_found(study, drawn):
    record = study.run(drawn).isel(subject=0)
    ends = zip(record.connection_source.values, record.connection_target.values, strict=True)
    found = {(int(a), int(b)): float(w) for (a, b), w in zip(ends, record.weight.values, strict=True)}
    assert found == {(1, 2): 2.0, (0, 3): -1.0, (3, 4): 1.0, (2, 5): 1.0}
    assert record.unit_site.values.tolist()[::2] == ["input", record.unit_site.values[2], "output"]
    # units of a layer lie at 1/4 and 3/4: every connection above goes across, and is 1/2 + 1/2 long
    np.testing.assert_allclose(record.connection_length, 1.0)
    assert float(record.wiring_length) == pytest.approx(5.0 + 0.05 * 0.5)
    assert (int(record.components), int(record.output_components), int(record.active_units)) == (2, 2, 2)
    assert float(record.sparsity) == pytest.approx(0.5)
    # 2 and -1 lead to the hidden units, 1 and 1 to the outputs
    assert record.negative_share.to_series().to_dict() == {"hidden1.weight": 0.5, "output.weight": 0.0}
    assert record.inputs_reaching.values.tolist() == record.outputs_reached.values.tolist() == [1] * 6
    assert int(record.shared_units) == 0
    assert (int(record.narrowest), int(record.connected_outputs)) == (2, 2)
    # weights 3 and 2 within the parts, of 5 in all: Q = 1 - (3/5)**2 - (2/5)**2
    assert float(record.modularity) == pytest.approx(1 - 0.36 - 0.16)
    # the hidden units change places: all four get 1/2, and the weak one gets 1
    assert not np.isnan(record["module"]).any()  # every unit has connections
    assert float(record.saving) == pytest.approx(1 - (2.5 + 0.05) / 5.025)


def test_the_threshold_is_lowered_until_the_graph_does_what_the_network_does(study, drawn):
    """The weakest connection alone tells the classes apart; at the declared threshold the graph is without it."""
    first, second = (name for name in drawn.weights if name.endswith("weight"))
    weights = {
        **drawn.weights,
        first: torch.tensor([[0.0, 0.02], [0.0, 0.0]]),
        second: torch.tensor([[100.0, 0.0], [-100.0, 0.0]]),
        **{name: torch.zeros_like(tensor) for name, tensor in drawn.weights.items() if name.endswith("bias")},
    }
    images, targets = torch.zeros(4, 1, 1, 2, dtype=torch.uint8), torch.tensor([0, 1, 0, 1])
    images[::2, ..., 1] = 255
    place = an.Environment.from_arrays(images, targets, images, targets)
    subject = attrs.evolve(drawn, environment=place, ages={0: weights})
    broken, whole = (study.but(most_loss=most).run(subject).isel(subject=0) for most in (None, 1.0))
    assert float(broken.graph_test_loss) > float(broken.test_loss)
    assert (float(broken.graph_threshold), float(broken.sparsity)) == (0.1, 1 - 2 / 8)
    assert float(whole.graph_test_loss) == float(whole.test_loss)
    assert float(whole.graph_test_accuracy) == float(whole.test_accuracy)
    # 2e-4 of the largest: the first of .1, .1 / 2**.5, .1 / 2, ... that is below
    assert float(whole.graph_threshold) == pytest.approx(0.1 / 2**9)
    assert float(whole.sparsity) == 1 - 3 / 8


def test_units_that_outputs_share_are_counted(study, drawn):
    """Hidden unit 0 leads to both outputs, unit 1 to the first; where no input leads to unit 0, nothing is shared."""
    first, second = (name for name in drawn.weights if name.endswith("weight"))
    both = drawn.weights | {second: torch.tensor([[1.0, 1.0], [1.0, 0.0]])}
    undriven = both | {first: torch.tensor([[0.0, 0.0], [-1.0, 0.0]])}
    of_both, of_undriven = (
        study.run(attrs.evolve(drawn, ages={0: weights})).isel(subject=0) for weights in (both, undriven)
    )
    assert of_both.outputs_reached.values.tolist() == [1, 2, 2, 1, 1, 1]
    assert of_undriven.outputs_reached.values.tolist() == [1, 0, 2, 1, 1, 1]
    assert (int(of_both.shared_units), int(of_undriven.shared_units)) == (1, 0)


def test_units_that_vectors_of_tokens_reach_are_shared_as_those_that_inputs_reach():
    anatomy = an.anatomy("embedded", of={"token_mlp": {"width": 4, "widths": [3]}})
    subject = an.Subject.naive(anatomy, an.environment("modular_addition", p=5), seed=0)
    weights = {name: torch.ones_like(tensor) for name, tensor in subject.weights.items()}
    weights |= {name: subject.weights[name] for name in weights if name.startswith("places")}
    record = an.WiringCost(penalty=PENALTY).run(attrs.evolve(subject, ages={0: weights})).isel(subject=0)
    assert record.unit_site.to_series().value_counts().to_dict() == {"output": 5, "embedding": 4, "hidden1": 3}
    assert record.inputs_reaching.values.tolist() == [0] * 12
    assert int(record.shared_units) == 4 + 3


def test_units_are_held_against_the_quantities_of_the_task():
    """Unit 0 answers x2**2 / 4 + x1**2 / 4, by hand: half of what the second value of the task is the sum of."""
    place = an.environment("symbolic", formula="feature_sharing", train_size=5, test_size=40)
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [2, 2]}})
    subject = an.Subject.naive(anatomy, place, seed=0)
    weights = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    weights |= {name: subject.weights[name] for name in weights if name.startswith("places")}
    weights["hidden1.weight"][0, :2] = 1.0  # relu(x1 + x2) alone
    weights["hidden2.weight"][1, 0] = 1.0
    weights["output.weight"][2, 1] = 1.0
    record = an.WiringCost(penalty=PENALTY).run(attrs.evolve(subject, ages={0: weights})).isel(subject=0)
    x = place.test.images.flatten(1).double().numpy()
    active = np.maximum(x[:, 0] + x[:, 1], 0)
    for number, name in enumerate(record["quantity"].values):
        expected = np.corrcoef(active, x[:, number] ** 2)[0, 1]
        units = record.quantity_correlation.sel(quantity=name).values
        np.testing.assert_allclose(units[[3, 6]], expected, rtol=1e-5)  # activity is in single precision
        assert np.isnan(np.delete(units, [3, 6])).all()  # inputs, outputs, and units that are silent
        assert float(record.best_correlation.sel(quantity=name)) == pytest.approx(abs(expected), rel=1e-5)
    assert record.inputs_reaching.values.tolist() == [1, 1, 1, 2, 0, 0, 2, 0, 0, 2]
    assert record["module"].notnull().values.tolist() == [
        True,
        True,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
        True,
    ]
    assert (int(record.narrowest), int(record.connected_outputs)) == (1, 1)


def test_without_a_threshold_the_graph_performs_as_the_subject(drawn):
    record = an.WiringCost(penalty=PENALTY, threshold=0.0).run(drawn)
    np.testing.assert_array_equal(record.graph_test_loss, record.test_loss)
    assert float(record.test_loss[0]) > 0


def test_networks_of_several_ages_stand_in_one_record():
    """Connections come and go, so their number and ends differ from age to age."""
    study = an.WiringCost(penalty=PENALTY, swap=SWAP, treatments=("bimt",), threshold=0.3)
    cohort = an.Cohort.of(
        anatomy=an.anatomy("embedded", of={"mlp": {"widths": [4]}}),
        environment=an.environment("digits", train_size=60, test_size=40),
        rearing=an.Rearing(epochs=4, batch=30, keep=(1,)),
        arms=study.arms(),
        n=2,
    )
    subjects = list(cohort.rear())
    alone = {(each.id, age): study.measure(each.at(age)) for each in subjects for age in (1, 4)}
    assert len({part.sizes["connection"] for part in alone.values()}) > 1
    along = [along_age({age: alone[each.id, age] for age in (1, 4)}, [1, 4]) for each in subjects]
    record = study.collect(along, subjects)
    for (subject, age), part in alone.items():
        found = record.sel(subject=subject, epoch=age)
        there = found.weight.notnull().values
        for name in ("weight", "connection_source", "connection_target", "connection_length"):
            np.testing.assert_array_equal(found[name].values[there], part[name])
        np.testing.assert_array_equal(found["module"], part["module"])


def test_far_inputs_are_held_against_near_ones():
    """Four inputs in a row: the outer two have one connection each, the inner two three."""
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [3]}})
    images, targets = torch.zeros(2, 1, 1, 4, dtype=torch.uint8), torch.tensor([0, 1])
    subject = an.Subject.naive(anatomy, an.Environment.from_arrays(images, targets, images, targets), seed=0)
    weights = {name: tensor.clone() for name, tensor in subject.weights.items()}
    (first,) = (name for name, tensor in weights.items() if tensor.shape == (3, 4))
    weights[first] = torch.tensor([[1.0, 1, 1, 1], [0, 1, 1, 0], [0, 1, 1, 0]])
    weights["output.weight"].zero_()
    record = an.WiringCost(treatments=()).run(attrs.evolve(subject, ages={0: weights}))
    assert float(record.periphery[0]) == pytest.approx(1 / 3)
    np.testing.assert_array_equal(record.negative_share[0], [0, np.nan])  # no connection leads to the outputs
    assert np.isnan(record.small_worldness[0])  # no random networks were asked for


@pytest.fixture(scope="module")
def circle():
    """A recurrent network, by hand: four units that drive each other round in a circle, each weakly the second next."""
    anatomy = an.anatomy("embedded", of={"recurrent": {"units": 4}})
    mazes = an.environment("mazes", train_size=8, test_size=8, goal=1, delay=0, choice=1)
    subject = an.Subject.naive(anatomy, mazes, seed=0)
    weights = {name: tensor.clone() for name, tensor in subject.weights.items()}
    turn = torch.eye(4).roll(1, 0)
    weights["recurrent.weight"] = turn + torch.diag(torch.tensor([0.1, 0.2, 0.3, 0.4])) @ turn @ turn
    return attrs.evolve(subject, ages={0: weights})


def test_recurrent_connections_alone_are_seen_as_a_graph_where_that_is_declared(circle):
    graph = {"connections": "recurrent", "density": 4 / 12, "nulls": 2}
    record = an.WiringCost(treatments=(), graph=graph).run(circle).isel(subject=0)
    # a circle of four: the next is one connection away, then two, then three
    assert float(record.density) == pytest.approx(1 / 3)
    assert float(record.path_length) == pytest.approx(2.0)
    assert float(record.efficiency) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert np.isfinite(record.excess_modularity)
    assert record.sizes["connectome"] == 0
    every = an.WiringCost(treatments=()).run(circle).isel(subject=0)
    assert float(every.density) == pytest.approx(every.sizes["connection"] / (16 * 15))


def test_a_density_chooses_among_all_recurrent_weights(circle):
    """Weights of other layers do not decide which of them are strong."""
    strong = circle.weights | {"output.weight": circle.weights["output.weight"] * 1e6}
    graph = {"connections": "recurrent", "density": 4 / 12, "nulls": 2}
    study = an.WiringCost(treatments=(), graph=graph)
    seen = [study.run(attrs.evolve(circle, ages={0: weights})) for weights in (circle.weights, strong)]
    assert [float(record.density[0]) for record in seen] == pytest.approx([1 / 3, 1 / 3])
    assert float(seen[0].clustering[0]) == float(seen[1].clustering[0])


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_one_more_round_saves_a_share_of_the_cost_that_swaps_lower(reduce):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [6]}})
    subject = an.Subject.naive(anatomy, an.environment("symbolic", formula="independence"), seed=0)
    swap = Swap(every=2, top=2, reduce=reduce)
    model = subject.model()
    space, weights = Space.of(anatomy, model), dict(subject.weights)
    places = {layer: torch.arange(units) for layer, units in space.circuit.layers.items()}
    sizes = {each.name: weights[each.name].numel() if reduce == "mean" else 1 for each in space.circuit.projections}

    def cost():
        return sum(
            float((weights[each.name].double().abs() * space.lengths(each, places)).sum()) / sizes[each.name]
            for each in space.circuit.projections
        )

    before = cost()
    swap.improve(space, weights, places)
    record = an.WiringCost(penalty=PENALTY, swap=swap).run(subject)
    assert float(record.saving[0]) == pytest.approx((before - cost()) / before, rel=1e-6)
    assert float(record.saving[0]) > 0


def test_who_has_not_learnt_is_not_seen_as_a_graph(circle):
    graph = {"connections": "recurrent", "nulls": 2}
    accuracy = float(an.WiringCost(treatments=()).run(circle).test_accuracy[0])
    assert 0 < accuracy < 1
    for floor, learnt in ((accuracy, 1), (1.0, 0)):
        record = an.WiringCost(treatments=(), graph=graph, least_accuracy=floor).run(circle).isel(subject=0)
        assert int(record.learnt) == learnt
        assert bool(np.isfinite(record.clustering)) is bool(learnt)
        assert np.isfinite(record.modularity)


def test_it_measures_arms_of_others_and_refuses_what_it_cannot(circle, drawn):
    assert an.WiringCost(treatments=()).arms() == {}
    assert list(an.WiringCost(treatments=("vanilla",)).arms()) == ["vanilla"]
    with pytest.raises(SpecificationError, match="penalty: required what wiring costs, for l1, bimt; came nothing"):
        an.WiringCost(treatments=("vanilla", "l1", "bimt"))
    recurrent = an.WiringCost(treatments=(), graph={"connections": "recurrent"})
    with pytest.raises(SpecificationError, match=r"graph\.connections: required all"):
        recurrent.run(drawn)
    with pytest.raises(SpecificationError, match=r'graph\.beside\.connectome: .*Did you mean "macaque"'):
        an.WiringCost(treatments=(), graph={"beside": ["macaques"]}).run(circle)


def test_pruned_arms_end_with_the_sparsity_declared():
    pruning = MagnitudePruning(sparsity=0.8, onset=1, rounds=2, every=1)
    study = an.WiringCost(pruning=pruning, treatments=("pruned-once", "pruned-stepwise"), threshold=0.0, runs=1)
    done = {name: arm.interventions for name, arm in study.arms().items()}
    assert done == {"pruned-once": (pruning.but(rounds=1),), "pruned-stepwise": (pruning,)}
    cohort = an.Cohort.of(
        anatomy=an.anatomy("embedded", of={"mlp": {"widths": [4]}}),
        environment=an.environment("digits", train_size=60, test_size=40),
        rearing=an.Rearing(epochs=2, batch=30),
        arms=study.arms(),
        n=1,
    )
    record = study.run(cohort.rear())
    np.testing.assert_allclose(record.sparsity, round(0.8 * 4 * 74) / (4 * 74), rtol=1e-12)
    with pytest.raises(SpecificationError, match="pruning: required how connections are pruned, for pruned-once"):
        an.WiringCost(treatments=("pruned-once",))


def test_gains_of_swaps_are_recorded_and_losses_have_their_unit():
    study = an.WiringCost(penalty=PENALTY, swap=SWAP, treatments=("vanilla", "bimt"), runs=1)
    cohort = an.Cohort.of(
        anatomy=an.anatomy("embedded", of={"mlp": {"widths": [4]}}),
        environment=an.environment("symbolic", formula="independence"),
        rearing=an.Rearing(epochs=4, batch=100, loss="mean_square"),
        arms=study.arms(),
        n=1,
    )
    adults = cohort.rear()
    record = study.run(adults)
    vanilla, bimt = record.isel(subject=0), record.isel(subject=1)
    assert bimt.swap_step.values.tolist() == [2, 4]
    assert bimt.swap_gain.values.tolist() == list(adults)[1].history.swap_gain.values.tolist()
    assert float(bimt.swap_gain.sum()) > 0
    assert float(bimt.swaps_gained) == pytest.approx(float(bimt.swap_gain.sum()))
    assert vanilla.swap_step.values.tolist() == [-1, -1]
    assert float(vanilla.swaps_gained) == 0
    assert np.isnan(vanilla.swap_gain).all()
    assert "test_accuracy" not in record
    assert (record.test_loss.attrs["units"], record.test_loss.attrs["long_name"][:11]) == ("1", "mean square")
    assert an.WiringCost.outputs["test_loss"].units == "nat"


def test_accuracy_is_not_asked_of_values():
    anatomy, place = (
        an.anatomy("embedded", of={"mlp": {"widths": [4]}}),
        an.environment("symbolic", formula="independence"),
    )
    with pytest.raises(SpecificationError, match="least_accuracy: required 0, where targets are values and"):
        an.WiringCost(treatments=(), least_accuracy=0.5).run(an.Subject.naive(anatomy, place, seed=0))


def test_a_connectome_that_changed_is_measured_anew(circle, tmp_path):
    """Three neurons in a circle are as efficient as three fully connected ones are not."""
    (tmp_path / "connectomes").mkdir()
    study = an.WiringCost(treatments=(), graph={"beside": ["celegans"], "connections": "recurrent"})
    found, keys = [], []
    for matrix in (np.roll(np.eye(3), 1, axis=1), 1 - np.eye(3)):
        path = tmp_path / "connectomes" / "celegans277_kaiser.npz"
        np.savez(path, adjacency=matrix, positions_mm=np.eye(3), labels=["A", "B", "C"])
        with data_root_at(tmp_path):
            keys.append(study.material())
            found.append(float(study.run(circle).connectome_density[0, 0]))
    assert found == [0.5, 1.0]
    assert len(set(keys)) == 2
    assert an.WiringCost(treatments=()).material() == ""


def test_a_penalty_without_locality_is_refused():
    with pytest.raises(SpecificationError, match=r"penalty\.local"):
        an.WiringCost(penalty=PENALTY.but(local=False))


def test_arms_given_twice_are_refused():
    with pytest.raises(SpecificationError, match="each once"):
        an.WiringCost(penalty=PENALTY, treatments=("l1", "l1"))


def test_vectors_of_tokens_are_told_apart_by_group():
    """Entries 0 and 1 hold a circle and drive unit 0; entry 2 holds the sign and drives unit 1, which is silent."""
    place = an.environment("permutation_group", n=3)
    anatomy = an.anatomy("embedded", of={"token_mlp": {"width": 4, "widths": [3]}})
    subject = an.Subject.naive(anatomy, place, seed=0)
    weights = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    weights |= {name: subject.weights[name] for name in weights if name.startswith("places")}
    angle = torch.arange(6) * torch.pi / 3
    weights["embedding.weight"][:3] = torch.stack([angle.cos(), angle.sin(), torch.tensor([1, -1, -1, 1, 1, -1])])
    weights["hidden1.weight"][[0, 0, 1], [0, 5, 2]] = torch.tensor([1.0, 1.0, -1.0])
    weights["output.weight"][[2, 3], [0, 1]] = 1.0
    record = an.WiringCost(penalty=PENALTY).run(attrs.evolve(subject, ages={0: weights})).isel(subject=0)
    assert record.unit_group.values[:7].tolist() == [0, 0, 1, -1, 0, 1, -1]
    np.testing.assert_allclose(record.vector_dimensions, [2.0, 1.0], rtol=1e-6)
    np.testing.assert_array_equal(record.vector.sel(group=0)[:, 2:], 0.0)
    np.testing.assert_allclose(record.vector.sel(group=0)[:, 0], angle.cos())
    assert float(record.best_correlation.sel(quantity="sign1")) == pytest.approx(1.0)
    assert record.used_units.values.tolist() == [3, 2]  # embedding, hidden1
    assert (int(record.active_units), int(record.connected_outputs), int(record.output_components)) == (5, 2, 2)


def test_modules_of_the_recurrent_graph_are_recorded_of_its_units_alone(circle):
    graph = {"connections": "recurrent", "density": 4 / 12, "nulls": 2}
    record = an.WiringCost(treatments=(), graph=graph).run(circle).isel(subject=0)
    hidden = record.unit_site.values == "hidden"
    np.testing.assert_array_equal(np.isfinite(record.graph_module), hidden)
    ring = np.roll(np.eye(4), 1, axis=1)  # from row to column
    assert an.measures.modularity(ring, record.graph_module[hidden]) == pytest.approx(float(record.binary_modularity))
    assert not np.isfinite(an.WiringCost(treatments=()).run(circle).graph_module).any()


def test_a_graph_of_less_than_one_connection_is_refused(circle):
    few = an.WiringCost(treatments=(), graph={"connections": "recurrent", "density": 0.01})
    with pytest.raises(SpecificationError, match=r"graph\.density: required at least 0\.083"):
        few.run(circle)


def test_groups_are_those_that_are_lesioned():
    """Records of both protocols name the same groups, though there are several divisions as good."""
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [16, 16]}})
    subject = an.Subject.naive(anatomy, an.environment("digits"), seed=3)
    wired = an.WiringCost(treatments=(), runs=1).run(subject).isel(subject=0)
    lesioned = an.LesionStudy(site=("hidden1", "hidden2"), groups={"runs": 1}, single=False, fractions=2, repeats=1)
    found = lesioned.run(subject).isel(subject=0).unit_group.values
    hidden = np.isin(wired.unit_site.values, ["hidden1", "hidden2"])
    assert found.max() > 0
    np.testing.assert_array_equal(wired.unit_group.values[hidden], found)
