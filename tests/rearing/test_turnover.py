"""Turnover against an ordinary loop of one network, with torch's modules and optimisers, written apart."""

import re

import pytest
import torch
import xarray as xr
from torch import nn

from artneuro.anatomy import anatomy, anatomy_of
from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, ActivityNoise, Adam, Freeze, Rearing, Turnover, Window, ranking_of
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.modulation import Draws
from artneuro.rearing.rear import rear, rear_litter, rear_up_to
from artneuro.rearing.tissue import Body
from artneuro.subject import Subject

OPTIMIZERS = {
    "momentum": (SGD(lr=0.05, momentum=0.9), lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.9)),
    "adam": (Adam(lr=1e-3), lambda weights: torch.optim.Adam(weights, lr=1e-3)),
}
EPOCHS, BATCH, EVERY = 50, 18, 60  # 70 stimuli: 4 updates an epoch, 200 in all, events after 60, 120 and 180
STREAM = ("intervention", "Turnover", 0)


class Flattened(nn.Module):
    """Feature maps with batch norm that a fully connected layer reads after pooling and flattening."""

    def __init__(self, shape, classes):
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(shape[0], 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU()
        self.pool, self.fc = nn.MaxPool2d(2), nn.Linear(6 * 16, classes)

    def forward(self, stimuli):
        return self.fc(torch.flatten(self.pool(self.relu(self.norm(self.conv(stimuli)))), 1))


def redrawn(named, fresh, optimizer, units, incoming, outgoing, blocks=1):
    """One event in one network, entry by entry; `incoming` are tensors with a row a unit."""
    states = {"momentum_buffer", "exp_avg", "exp_avg_sq"}

    def put(name, at):
        named[name][at] = fresh[name][at]
        for key, kept in optimizer.state.get(named[name], {}).items():
            if key in states:
                kept[at] = 0.0

    for unit in units:
        for name in incoming:
            put(name, unit)
        for entry in range(unit * blocks, (unit + 1) * blocks):
            put(outgoing, (slice(None), entry))


def newborn(subject, step, place=0):
    stream = subject.stream.child("intervention", "Turnover", place).child("newborn", step)
    with stream.initialising():
        model = subject.anatomy.build(subject.environment.shape, len(subject.environment.classes))
    return {name: tensor.detach() for name, tensor in (*model.named_parameters(), *model.named_buffers())}


def chosen(subject, step, units, count):
    return subject.stream.child(*STREAM, "units", step).numpy().permutation(units)[:count].tolist()


def events(subject, units, count, incoming, outgoing, blocks, seen=None):
    """What is done after each update of the ordinary loop."""
    step = iter(range(1, 10**6))

    def restructure(named, optimizer):
        now = next(step)
        if now % EVERY == 0:
            old = chosen(subject, now, units, count)
            redrawn(named, newborn(subject, now), optimizer, old, incoming, outgoing, blocks)
            if seen is not None:
                seen.append((now, sorted(old)))

    return restructure


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_three_events_of_fully_connected_units_are_those_of_an_ordinary_network(naive, ordinary, same, kind):
    spec, optimizer = OPTIMIZERS[kind]
    subjects = naive("mlp", seeds=(0, 1), widths=(9, 7))
    adults = rear_litter(
        subjects, Rearing(epochs=EPOCHS, batch=BATCH, optimizer=spec), [Turnover(site="hidden1", count=2, every=EVERY)]
    )
    for subject, adult in zip(subjects, adults, strict=True):
        seen = []
        what = events(subject, 9, 2, ["hidden1.weight", "hidden1.bias"], "hidden2.weight", 1, seen)
        assert same(adult.weights, ordinary(subject, EPOCHS, BATCH, optimizer, restructure=what))
        assert adult.history.updates[-1] == 200
        steps, units = adult.history.event_step.values, adult.history.event_unit.values
        assert [(now, sorted(units[steps == now].tolist())) for now in (60, 120, 180)] == seen


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_three_events_of_feature_maps_with_batch_norm_are_those_of_an_ordinary_network(few, ordinary, same, kind):
    spec, optimizer = OPTIMIZERS[kind]
    body = anatomy_of(Flattened, sites={"maps": "relu"})
    subjects = [Subject.naive(body, few, seed) for seed in (0, 1)]
    adults = rear_litter(
        subjects, Rearing(epochs=EPOCHS, batch=BATCH, optimizer=spec), [Turnover(site="maps", count=2, every=EVERY)]
    )
    incoming = ["conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"]
    for subject, adult in zip(subjects, adults, strict=True):
        what = events(subject, 6, 2, incoming, "fc.weight", 16)
        expected = ordinary(subject, EPOCHS, BATCH, optimizer, channels_last=True, restructure=what)
        assert same(adult.weights, expected)


def test_an_event_leaves_no_trace_where_nothing_is_redrawn(naive, same):
    treated = Turnover(site="hidden1", count=3, every=2, incoming=False, bias=False, outgoing=False)
    subjects, rearing = naive("mlp", seeds=(0, 1), widths=(6,)), Rearing(epochs=2, batch=16)
    for one, other in zip(rear_litter(subjects, rearing, [treated]), rear_litter(subjects, rearing), strict=True):
        assert same(one.weights, other.weights)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("body", ["mlp", "maps"])
def test_right_after_an_event_the_optimiser_keeps_what_it_keeps_in_an_ordinary_network(
    naive, few, ordinary, kind, body
):
    """Fifteen epochs of four updates, the last of which ends with an event, so that its entries are zero."""
    spec, optimizer = OPTIMIZERS[kind]
    if body == "mlp":
        (subject,), site, units, blocks = naive("mlp", widths=(9, 7)), "hidden1", 9, 1
        incoming, outgoing = ["hidden1.weight", "hidden1.bias"], "hidden2.weight"
    else:
        subject = Subject.naive(anatomy_of(Flattened, sites={"maps": "relu"}), few, 0)
        site, units, blocks, outgoing = "maps", 6, 16, "fc.weight"
        incoming = ["conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"]
    rearing = Rearing(epochs=16, batch=BATCH, optimizer=spec)
    (juvenile,) = rear_up_to(15, [subject], rearing, [Turnover(site=site, count=2, every=EVERY)])
    event, kept = events(subject, units, 2, incoming, outgoing, blocks), {}

    def restructure(named, steps):
        event(named, steps)
        kept.update({name: dict(steps.state[weights]) for name, weights in named.items() if weights in steps.state})

    ordinary(subject, 15, BATCH, optimizer, channels_last=body == "maps", restructure=restructure)
    assert juvenile.updates == EVERY
    assert juvenile.state.keys() == kept.keys()
    for name, own in juvenile.state.items():
        assert own
        for key, tensor in own.items():
            assert torch.equal(tensor, kept[name][key].view_as(tensor)), (name, key)
    forgotten = next(iter(juvenile.state[outgoing].values()))[:, chosen(subject, EVERY, units, 2)[0] * blocks]
    assert not forgotten.any()


@pytest.mark.parametrize(
    "dose", [{"count": 0, "every": 1}, {"fraction": 0.0, "every": 3}, {"count": 3, "probability": 0}]
)
@pytest.mark.parametrize("body", ["mlp", "tran_cnn"])
def test_a_zero_dose_changes_nothing(naive, same, dose, body):
    parameters = {"widths": (6,)} if body == "mlp" else {"channels": (4,), "widths": (6,), "batch_norm": True}
    subjects, rearing = naive(body, seeds=(0, 1), **parameters), Rearing(epochs=2, batch=16, optimizer=Adam())
    treated = rear_litter(subjects, rearing, [Turnover(site="hidden1", excitability=3.0, **dose)])
    for one, other in zip(treated, rear_litter(subjects, rearing), strict=True):
        assert same(one.weights, other.weights)
        assert one.history.sizes["event"] == 0
        assert one.history.unit_age.values.tolist() == [10] * 6


def everything():
    """Turnovers of every kind, for an anatomy that is stacked and one that is not."""
    return {
        "random": Turnover(site="hidden1", count=2, probability=0.3, excitability=2.0, excitable=2),
        "norm": Turnover(site="hidden1", fraction=0.3, every=3, choice="incoming_norm", excitability=0.5),
        "reach": Turnover(site="hidden1", count=2, every=4, choice="outgoing_norm", ascending=False),
        "activity": Turnover(site="hidden1", count=2, every=4, choice="activity", stimuli=30),
        "age": Turnover(site="hidden1", count=2, every=4, choice="age", ascending=False, reset_state=False),
        "own": Turnover(site="hidden1", count=2, every=4, choice=ranking_of(utility)),
        "grow": Turnover(site="hidden1", count=2, every=4, mode="grow", dormant=5),
        "prune": Turnover(site="hidden1", count=2, probability=0.2, mode="prune", choice="incoming_norm"),
        "frozen": Turnover(site="hidden1", count=2, probability=0.2, trainable=False, window=Window(offset=1)),
    }


def utility(outgoing, activity, age):
    return activity * outgoing.abs().sum(1) + 0.001 * age


@pytest.mark.parametrize(
    ("body", "kind"),
    [("mlp", kind) for kind in everything()] + [("tran_cnn", kind) for kind in ("random", "activity", "grow")],
)
def test_alone_halved_and_in_a_litter_of_eight_it_is_the_same(naive, few, same, tmp_path, body, kind):
    parameters = {"widths": (9, 7)} if body == "mlp" else {"channels": (4,), "widths": (9,), "batch_norm": True}
    subjects, batch = naive(body, seeds=range(8), **parameters), 16 if body == "mlp" else 24  # nine updates are enough
    treated, rearing = [everything()[kind]], Rearing(epochs=3, batch=batch, optimizer=Adam(lr=0.01))
    together = rear_litter(subjects, rearing, treated)
    assert any(adult.history.sizes["event"] for adult in together)
    paused = rear_up_to(2, subjects, rearing, treated)
    for juvenile in paused:
        juvenile.save(tmp_path / f"{juvenile.origin.seed}")
    read = [Juvenile.load(tmp_path / f"{subject.seed}", subject) for subject in subjects]
    halves = rear_litter(read[:1], rearing, treated) + rear_litter(paused[1:], rearing, treated)
    for subject, one, other in zip(subjects, together, halves, strict=True):
        alone = rear(subject, few, rearing, treated) if subject.seed == 5 else one
        for another in (other, alone):
            assert same(one.weights, another.weights)
            xr.testing.assert_identical(one.history.drop_vars("wall_time"), another.history.drop_vars("wall_time"))


@pytest.mark.parametrize("optimizer", [SGD(lr=0.05, momentum=0.9), Adam(lr=1e-3)])
def test_stacked_feature_maps_with_batch_norm_are_redrawn_as_plain_ones(naive, monkeypatch, optimizer):
    """As on a device other than the CPU: all subjects of the litter in one computation, here on the CPU."""
    subjects = naive("tran_cnn", seeds=range(3), channels=(4,), widths=(9,), batch_norm=True)
    rearing = Rearing(epochs=2, batch=24, optimizer=optimizer)  # six updates, with an event after the last one
    treated = [Turnover(site="conv2", count=2, every=3)]
    plain = rear_litter(subjects, rearing, treated)
    monkeypatch.setattr("artneuro.rearing.cutting.way", lambda model, device: "stacked")
    for one, other in zip(rear_litter(subjects, rearing, treated), plain, strict=True):
        xr.testing.assert_equal(one.history[EVENTS], other.history[EVENTS])
        units = one.history.event_unit.values[one.history.event_step.values == 6].tolist()
        assert len(units) == 2
        for name, tensor in one.weights.items():
            # the ways add in another order: in numbers of about 1, each of six updates adds a few units in the last
            # place of float32 (1.2e-7); an entry that was redrawn in one way only would differ by about 0.1
            torch.testing.assert_close(tensor, other.weights[name], rtol=0, atol=2e-6)
            if name.startswith("conv2") and tensor.ndim:  # what was just drawn has not been computed with
                assert torch.equal(tensor[units], other.weights[name][units])
                if name.endswith("weight") and tensor.ndim == 4:
                    assert not torch.equal(tensor, other.weights[name])  # so that this is not one way twice


EVENTS = ["event_step", "event_unit", "event_alive", "event_epoch"]


def event_steps(adult):
    return sorted(set(adult.history.event_step.values.tolist()))


def test_probability_draws_its_own_moments_for_each_subject(naive):
    treated = Turnover(site="hidden1", count=1, probability=0.25)
    adults = rear_litter(naive("mlp", seeds=range(6), widths=(4,)), Rearing(epochs=20, batch=18), [treated])
    counts = [adult.history.sizes["event"] for adult in adults]
    assert 80 <= sum(counts) <= 160  # 480 draws with mean 120 and standard deviation 9.5: four of them
    assert len({tuple(event_steps(adult)) for adult in adults}) == 6


def test_it_acts_within_its_window_at_multiples_of_every_since_birth(naive):
    treated = Turnover(site="hidden1", count=1, every=3, window=Window(onset=1, offset=3))
    (adult,) = rear_litter(naive("mlp", widths=(4,)), Rearing(epochs=5, batch=18), [treated])
    assert event_steps(adult) == [6, 9, 12]  # four updates an epoch: those of 5 to 12
    assert adult.history.event_epoch.values.tolist() == [1, 2, 2]


def test_kept_state_is_kept(naive, ordinary, same):
    (subject,) = naive("mlp", widths=(9, 7))
    step = iter(range(1, 1000))

    def restructure(named, optimizer):
        now = next(step)
        if now == 5:
            fresh, old = newborn(subject, now), chosen(subject, now, 9, 2)
            for name in ("hidden1.weight", "hidden1.bias"):
                named[name][old] = fresh[name][old]
            named["hidden2.weight"][:, old] = fresh["hidden2.weight"][:, old]

    spec, optimizer = OPTIMIZERS["adam"]
    treated = Turnover(site="hidden1", count=2, every=5, reset_state=False, window=Window(offset=2))
    adult = rear(subject, subject.environment, Rearing(epochs=3, batch=18, optimizer=spec), [treated])
    assert event_steps(adult) == [5]
    assert same(adult.weights, ordinary(subject, 3, 18, optimizer, restructure=restructure))


# Dormant units


def silent(weights, unit):
    return not (weights["hidden1.weight"][unit].any() or weights["hidden1.bias"][unit]) and not (
        weights["output.weight"][:, unit].any()
    )


def dormant(weights):
    return [unit for unit in range(len(weights["hidden1.bias"])) if silent(weights, unit)]


COMPANY = [ActivityNoise(kind="additive", sd=1.0)]  # it would train the way out of a unit that is only silent


def test_pruned_units_stay_silent_also_after_the_window(naive):
    treated = Turnover(site="hidden1", count=2, every=4, mode="prune", window=Window(offset=2))
    rearing = Rearing(epochs=4, batch=18, keep=(0, 1, 2, 3), optimizer=Adam(lr=0.01, weight_decay=0.1))
    (adult,) = rear_litter(naive("mlp", widths=(9,)), rearing, [treated, *COMPANY])
    gone = [len(dormant(adult.ages[age])) for age in range(5)]
    assert gone == [0, 2, 4, 4, 4]
    history = adult.history
    assert history.event_alive.values.tolist() == [0] * 4
    assert sorted(history.event_unit.values.tolist()) == dormant(adult.weights)
    assert [unit for unit in range(9) if history.unit_age[unit] == -1] == dormant(adult.weights)


def test_pruning_ends_where_no_unit_is_left(naive):
    treated = Turnover(site="hidden1", count=4, every=1, mode="prune")
    (adult,) = rear_litter(naive("mlp", widths=(6,)), Rearing(epochs=1, batch=18), [treated])
    assert adult.history.event_step.values.tolist() == [1] * 4 + [2] * 2
    assert dormant(adult.weights) == list(range(6))


def test_dormant_units_wake_and_learn(naive):
    treated = Turnover(site="hidden1", count=2, every=4, mode="grow", dormant=5)
    rearing = Rearing(epochs=4, batch=18, keep=(0, 1, 2, 3), optimizer=Adam(lr=0.01))
    (subject,) = naive("mlp", widths=(9,))
    (adult,) = rear_litter([subject], rearing, [treated, *COMPANY])
    assert [len(dormant(adult.ages[age])) for age in range(5)] == [0, 3, 1, 0, 0]
    history = adult.history
    assert history.event_step.values.tolist() == [0] * 5 + [4] * 2 + [8] * 2 + [12]
    assert history.event_alive.values.tolist() == [0] * 5 + [1] * 5
    first = history.event_unit.values[5:7].tolist()  # as at birth when they wake, after the last update of the epoch
    fresh = newborn(subject, 4)
    assert torch.equal(adult.ages[1]["hidden1.weight"][first], fresh["hidden1.weight"][first])
    assert not torch.equal(adult.ages[2]["hidden1.weight"][first], fresh["hidden1.weight"][first])
    assert history.unit_age.min() == 4


def test_dormancy_begins_when_the_window_opens(naive, same):
    rearing = Rearing(epochs=2, batch=18, keep=(1,))
    late = Turnover(site="hidden1", count=1, every=8, mode="grow", dormant=3, window=Window(onset=1))
    (subject,) = naive("mlp", widths=(9,))
    adult, plain = (rear(subject, subject.environment, rearing, what) for what in ([late], []))
    assert same(adult.ages[1], plain.ages[1])
    assert adult.history.event_step.values.tolist() == [4, 4, 4, 8]


# Excitability


class Spy:
    """The factor on each unit of hidden1, update by update, as the network got it."""

    def __init__(self, monkeypatch):
        self.training, self.test = [], []
        original = Draws.__call__

        def call(draws, stimuli, clock):
            drawn = original(draws, stimuli, clock)
            if drawn:
                (self.training if stimuli != 30 else self.test).append((clock.step, drawn[0][0].flatten().tolist()))
            return drawn

        monkeypatch.setattr(Draws, "__call__", call)


@pytest.mark.parametrize("excitable", [None, 2])
def test_newborn_units_are_excitable_for_their_time(naive, monkeypatch, excitable):
    spy = Spy(monkeypatch)
    treated = Turnover(site="hidden1", count=2, every=3, excitability=1.5, excitable=excitable, window=Window(offset=2))
    (adult,) = rear_litter(naive("mlp", widths=(6,)), Rearing(epochs=3, batch=18), [treated])
    units = {step: adult.history.event_unit.values[adult.history.event_step == step].tolist() for step in (3, 6)}
    expected = []
    for step in range(8):  # the window closes after eight updates, and excitability with it
        born = 3 * (step // 3)
        young = units[born] if born and (excitable is None or step - born < excitable) else []
        expected.append((step, [1.5 if unit in young else 1.0 for unit in range(6)]))
    assert spy.training == expected
    assert spy.test == []


def test_excitability_holds_in_tests_where_asked_for(naive, monkeypatch, same):
    treated = Turnover(site="hidden1", count=6, every=4, excitability=5.0, window=Window(offset=1))
    subjects, rearing = naive("mlp", widths=(6,)), Rearing(epochs=1, batch=18)
    (training,) = rear_litter(subjects, rearing, [treated])
    spy = Spy(monkeypatch)
    (both,) = rear_litter(subjects, rearing, [treated.but(excitable_in_test=True)])
    assert spy.test == [(4, [5.0] * 6)]
    assert same(training.weights, both.weights)
    assert training.history.test_loss[0] != both.history.test_loss[0]


# The published code


def test_the_published_code_redraws_through_epoch_0_and_trains_these_layers_never(few):
    """Tran et al.: from the first event on, no gradient reaches weight and bias of the site or the weight after it."""
    subject = Subject.naive(anatomy("tran_cnn", channels=(4,), widths=(9, 8, 7)), few, seed=0)
    rearing = Rearing(epochs=4, batch=18, optimizer=Adam(lr=2e-3), keep=(0, 1, 2, 3))
    published = [Turnover(site="hidden2", count=3, every=1, window=Window(offset=1)), Freeze(sites=["hidden2"])]
    adult = rear(subject, few, rearing, published)
    untrained = {"hidden2.weight", "hidden2.bias", "hidden3.weight"}

    def changed(one, other):
        return {name for name, tensor in one.items() if not torch.equal(tensor, other[name])}

    assert changed(adult.ages[0], adult.ages[1]) == set(adult.weights)  # redrawn, or trained
    for age in (1, 2, 3):
        assert changed(adult.ages[age], adult.ages[age + 1]) == set(adult.weights) - untrained
    assert event_steps(adult) == [1, 2, 3, 4]
    assert set(adult.history.event_epoch.values.tolist()) == {0}
    assert adult.history.sizes["event"] == 3 * 4
    # what these three tensors are in the end is what was drawn, entry by entry: nothing was ever learnt in them
    expected = {name: tensor.clone() for name, tensor in subject.weights.items() if name in untrained}
    for step in range(1, 5):
        fresh = newborn(subject, step)
        for unit in chosen(subject, step, 8, 3):
            expected["hidden2.weight"][unit] = fresh["hidden2.weight"][unit]
            expected["hidden2.bias"][unit] = fresh["hidden2.bias"][unit]
            expected["hidden3.weight"][:, unit] = fresh["hidden3.weight"][:, unit]
    for name, tensor in expected.items():
        assert torch.equal(adult.weights[name], tensor)


def test_what_is_not_trainable_is_trained_up_to_its_first_event(few):
    subject = Subject.naive(anatomy("tran_cnn", channels=(4,), widths=(9, 8, 7)), few, seed=0)
    rearing = Rearing(epochs=3, batch=18, optimizer=Adam(lr=2e-3), keep=(0, 1, 2))
    treated = Turnover(site="hidden2", count=3, every=8, trainable=False, window=Window(offset=2))
    adult, free = (rear(subject, few, rearing, what) for what in ([treated], []))
    ours, theirs = adult.ages[1], free.ages[1]
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    stopped = {name for name, tensor in adult.ages[2].items() if torch.equal(tensor, adult.ages[3][name])}
    assert stopped == {"hidden2.weight", "hidden2.bias", "hidden3.weight"}


# What is refused


class Uneven(nn.Module):
    """Reads feature maps with channels last, so that the entries of one unit lie apart."""

    def __init__(self, shape, classes):
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(shape[0], 4, 3), nn.ReLU(), nn.Linear(4 * 36, classes)
        self.deep = nn.Conv2d(4, 4, 1, groups=4)

    def forward(self, stimuli):
        return self.fc(torch.flatten(self.relu(self.conv(stimuli)).permute(0, 2, 3, 1), 1))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"count": 7, "every": 1}, r"Turnover.count: required at most the 6 units of hidden1; came 7. Lower `count`"),
        (
            {"fraction": 0.08, "every": 1},
            r"Turnover.fraction: required at least one of the 6 units of hidden1; came 0.08, which gives none. Choose "
            r"`fraction` >= 0.08334, which gives one; or 0",
        ),
        ({"fraction": 0.08, "every": 4, "mode": "grow", "dormant": 3}, r"fraction: .*`fraction` >= 0.08334"),
        (
            {"count": 1, "every": 9},
            r"Turnover.every: required an event within window and rearing; came 9, in updates 1 to 8. No event would "
            r"come: choose `every` <= 8, rear for longer",
        ),
        (
            {"count": 1, "every": 5, "window": Window(offset=1)},
            r"every: .* came 5, in updates 1 to 4.*choose `every` <= 4",
        ),
        ({"site": "hiden1", "count": 1, "every": 1}, r'site: .*came .hiden1.. Did you mean "hidden1"'),
        ({"site": "output", "count": 1, "every": 1}, r"required a site of this anatomy; came 'output'"),
        ({"count": 1, "every": 1, "mode": "grow", "dormant": 7}, r"dormant: required at most the 6 units of hidden1"),
    ],
)
def test_what_cannot_be_done_is_refused_before_rearing(naive, parameters, message):
    (subject,) = naive("mlp", widths=(6,))
    told = []
    treated = Turnover(**{"site": "hidden1", **parameters})
    with pytest.raises(SpecificationError, match=message):
        rear(subject, subject.environment, Rearing(epochs=2, batch=18), [treated], lambda *all: told.append(all))
    assert told == []


@pytest.mark.parametrize("units", [1, 5, 6, 16, 250])
def test_the_fraction_that_is_advised_gives_one_unit_and_none_below_does(naive, units):
    (subject,) = naive("mlp", widths=(units,))
    body = Body(subject.anatomy, subject.environment, subject.model())
    (problem,) = Turnover(site="hidden1", fraction=1e-9, every=1).unfit(body)
    least = float(re.search(r">= (\S+),", problem.advice)[1])
    assert Turnover(site="hidden1", fraction=least, every=1).number(units) == 1
    assert Turnover(site="hidden1", fraction=least * 0.999, every=1).number(units) == 0  # of four digits
    assert list(Turnover(site="hidden1", fraction=0.0, every=1).unfit(body)) == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"every": 1}, r"Turnover.count: required either `count` or `fraction`; came neither. Say one of"),
        ({"count": 1, "fraction": 0.1, "every": 1}, r"Turnover.count: required either .*; came both"),
        ({"count": 1}, r"Turnover.every: required either `every` or `probability`; came neither"),
        ({"count": 1, "every": 1, "probability": 0.1}, r"Turnover.every: .*; came both"),
        ({"count": 1, "every": 1, "mode": "grow"}, r"Turnover.dormant: .* for `grow` to wake.*came 0. Set `dormant`"),
        ({"count": 1, "every": 1, "dormant": 2}, r"Turnover.dormant: .*none otherwise; came 2. Leave it out"),
        ({"count": 1, "every": 1, "mode": "prune", "bias": False}, r"Turnover.mode: required all of incoming, bias"),
        ({"count": 1, "every": 1, "excitable": 3}, r"Turnover.excitable: required a factor `excitability` besides it"),
        ({"count": 1, "every": 1, "choice": "incoming_nrm"}, r'choice: .*Did you mean "incoming_norm"'),
    ],
)
def test_what_contradicts_itself_is_refused(parameters, message):
    with pytest.raises(SpecificationError, match=message):
        Turnover(site="hidden1", **parameters)


def test_a_site_whose_weights_cannot_be_told_is_refused_with_the_remedy(few):
    treated = Turnover(site="end", count=1, every=1)
    for sites, message in (
        (
            {"end": "fc"},
            r"site: required a site with outgoing weights that can be found; came .*'fc': .* the network's output",
        ),
        (
            {"end": "relu"},
            r"site: required a site with outgoing weights.* ends at Tensor.permute. It takes nn.Linear or",
        ),
    ):
        subject = Subject.naive(anatomy_of(Uneven, sites=sites), few, seed=0)
        with pytest.raises(SpecificationError, match=message):
            rear(subject, few, Rearing(epochs=1, batch=18), [treated])
