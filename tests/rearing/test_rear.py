"""What rearing computes: to the last bit what an ordinary loop of one network does, whatever the litter and threads."""

from contextlib import contextmanager
from typing import final

import numpy as np
import pytest
import torch
from torch import nn

from artneuro.environment.augmentation import augment
from artneuro.environment.environment import Environment
from artneuro.errors import SpecificationError
from artneuro.fields import define_spec, param
from artneuro.rearing import (
    SGD,
    ActivityNoise,
    Adam,
    AdamW,
    Augmentation,
    Cosine,
    Dropout,
    EarlyStop,
    LabelCorruption,
    Lesion,
    Penalty,
    Perceptual,
    Rearing,
    Structural,
    Teaching,
    Window,
)
from artneuro.rearing.rear import rear, rear_litter
from artneuro.subject import Subject

OPTIMIZERS = {
    "sgd": (SGD(lr=0.1), lambda weights: torch.optim.SGD(weights, lr=0.1)),
    "momentum": (
        SGD(lr=0.1, momentum=0.9, weight_decay=1e-3),
        lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9, weight_decay=1e-3),
    ),
    "adam": (Adam(lr=1e-3), lambda weights: torch.optim.Adam(weights, lr=1e-3)),
    "adamw": (AdamW(lr=1e-3), lambda weights: torch.optim.AdamW(weights, lr=1e-3)),
}
ANATOMIES = {  # widths are thin and odd on purpose: there kernels differ most
    "stacked": ("mlp", {"widths": (33, 5)}, False),
    "batch norm": ("mlp", {"widths": (33, 5), "batch_norm": True}, False),
    "convolutions": ("tran_cnn", {"channels": (5, 7), "widths": (9,), "batch_norm": True}, True),
}
MOMENTUM = OPTIMIZERS["momentum"]
ZERO_DOSES = {
    "LabelCorruption": LabelCorruption(fraction=0.0),
    "Dropout": Dropout(rate=0.0),
    "ActivityNoise, additive": ActivityNoise(kind="additive", sd=0.0),
    "ActivityNoise, multiplicative": ActivityNoise(kind="multiplicative", sd=0.0),
    "EarlyStop": EarlyStop(patience=1000),
    "Lesion": Lesion(site="hidden1", units=()),
    "never": LabelCorruption(fraction=1.0, window=Window(onset=1, offset=1)),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("body", ANATOMIES)
def test_weights_are_those_of_an_ordinary_loop(naive, ordinary, same, kind, body):
    name, parameters, channels_last = ANATOMIES[body]
    spec, optimizer = OPTIMIZERS[kind]
    subjects = naive(name, seeds=range(3), **parameters)
    # 70 stimuli: batches of 16, 16, 16, 16 and 6
    adults = rear_litter(subjects, Rearing(epochs=3, batch=16, optimizer=spec))
    for subject, adult in zip(subjects, adults, strict=True):
        assert same(adult.weights, ordinary(subject, 3, 16, optimizer, channels_last=channels_last))
        assert not same(adult.weights, subject.weights)


@pytest.mark.parametrize("body", ANATOMIES)
def test_bfloat16_label_smoothing_and_schedule_are_those_of_an_ordinary_loop(naive, ordinary, same, body):
    name, parameters, channels_last = ANATOMIES[body]
    (subject,) = naive(name, **parameters)
    rearing = Rearing(
        epochs=3, batch=16, optimizer=SGD(lr=0.1), schedule=Cosine(), label_smoothing=0.1, precision="bfloat16"
    )
    rates = [0.1 * rearing.schedule.factor(epoch, 3) for epoch in range(3)]
    expected = ordinary(
        subject, 3, 16, OPTIMIZERS["sgd"][1], channels_last=channels_last, bfloat16=True, smoothing=0.1, rates=rates
    )
    assert same(rear_litter([subject], rearing)[0].weights, expected)


def test_threads_of_a_convolution_are_those_declared(naive, ordinary, same):
    (subject,) = naive("tran_cnn", channels=(16, 32), widths=(9,))
    rearing = Rearing(epochs=2, batch=32, optimizer=MOMENTUM[0], threads=2)
    assert same(
        rear_litter([subject], rearing)[0].weights, ordinary(subject, 2, 32, MOMENTUM[1], channels_last=True, threads=2)
    )


@pytest.mark.parametrize("body", ANATOMIES)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_threads_of_the_machine_change_nothing(naive, same, threads, body, count):
    name, parameters, _ = ANATOMIES[body]
    subjects = naive(name, seeds=range(3), **parameters)
    rearing = Rearing(epochs=2, batch=16)
    with threads(1):
        alone = rear_litter(subjects, rearing)
    with threads(count):
        adults = rear_litter(subjects, rearing)
        assert torch.get_num_threads() == count
    assert all(same(one.weights, other.weights) for one, other in zip(alone, adults, strict=True))


@pytest.mark.parametrize("body", ANATOMIES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_how_a_litter_is_cut_changes_nothing(naive, same, body, size):
    name, parameters, _ = ANATOMIES[body]
    subjects = naive(name, seeds=range(8), dropout=0.2, **parameters)
    rearing = Rearing(epochs=2, batch=16, augmentation=Augmentation(translate=1, flip=True))
    what = (ActivityNoise(kind="additive", sd=0.1), LabelCorruption(fraction=0.5))
    together = rear_litter(subjects, rearing, what)
    apart = [
        adult for place in range(0, 8, size) for adult in rear_litter(subjects[place : place + size], rearing, what)
    ]
    for one, other in zip(together, apart, strict=True):
        assert same(one.weights, other.weights)
        assert one.history.drop_vars("wall_time").identical(other.history.drop_vars("wall_time"))


@pytest.mark.parametrize("dose", ZERO_DOSES)
@pytest.mark.parametrize("body", ["stacked", "convolutions"])
def test_a_dose_of_zero_changes_nothing(naive, same, dose, body):
    name, parameters, _ = ANATOMIES[body]
    (subject,) = naive(name, **parameters)
    rearing = Rearing(epochs=2, batch=16)
    assert same(
        rear_litter([subject], rearing, [ZERO_DOSES[dose]])[0].weights, rear_litter([subject], rearing)[0].weights
    )


def test_twins_are_identical_until_their_arms_part(naive, same):
    (control,), (treated,) = (naive("mlp", arm=arm, widths=(8,)) for arm in ("control", "treated"))
    rearing = Rearing(epochs=3, batch=16, keep=(0, 1, 2))
    control = rear(control, control.environment, rearing)
    treated = rear(treated, treated.environment, rearing, [Dropout(rate=0.5, window=Window(onset=2))])
    assert [same(control.ages[age], treated.ages[age]) for age in range(4)] == [True, True, True, False]


def test_the_last_batch_holds_what_is_left(naive):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(subject, subject.environment, Rearing(epochs=2, batch=16))
    assert adult.history.updates.values.tolist() == [5, 10]


def test_augmentation_is_drawn_from_the_subject_for_each_epoch(naive, ordinary, same):
    (subject,) = naive("mlp", widths=(8,))
    generators = {}

    def perceive(stimuli, epoch, step):
        own = generators.setdefault(epoch, subject.stream.child("augmentation", epoch).torch())
        return augment(stimuli[None], translate=2, flip=True, generators=[own])[0]

    rearing = Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0], augmentation=Augmentation(translate=2, flip=True))
    assert same(rear_litter([subject], rearing)[0].weights, ordinary(subject, 2, 16, MOMENTUM[1], perceive=perceive))


def draws(subject, path, module, intervention, shape):
    """Multiply a module's output by what an intervention draws, in an ordinary loop."""
    generators = {}

    @contextmanager
    def modulated(model, epoch, step, stimuli):
        own = generators.setdefault(epoch, subject.stream.child(*path, module, "training", epoch).torch())
        drawn = intervention.draw((stimuli, *shape), None, own)
        hook = model.get_submodule(module).register_forward_hook(lambda module, given, activity: activity * drawn)
        yield
        hook.remove()

    return modulated


@pytest.mark.parametrize("seed", [0, 7])
def test_dropout_draws_from_the_subject_for_each_site_and_epoch(naive, ordinary, same, seed):
    subjects = naive("mlp", seeds=[seed, seed + 1], widths=(8,))
    dropout = Dropout(rate=0.3, sites=("hidden1",))
    path = ("intervention", "Dropout", 0)
    expected = ordinary(
        subjects[0], 2, 16, MOMENTUM[1], modulated=draws(subjects[0], path, "hidden1_relu", dropout, (8,))
    )
    rearing = Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0])
    assert same(rear_litter(subjects, rearing, [dropout])[0].weights, expected)


def test_dropout_layers_of_an_anatomy_are_modulations(naive, ordinary, same):
    (subject,) = naive("mlp", widths=(8,), dropout=0.3)
    modulated = draws(subject, ("anatomy",), "hidden1_dropout", Dropout(rate=0.3), (8,))

    @contextmanager
    def in_their_place(model, *where):
        model.get_submodule("hidden1_dropout").eval()
        with modulated(model, *where):
            yield

    rearing = Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0])
    assert same(
        rear_litter([subject], rearing)[0].weights, ordinary(subject, 2, 16, MOMENTUM[1], modulated=in_their_place)
    )


@final
@define_spec
class Snow(Perceptual):
    """Noise on what is seen, from the subject's stream and the clock."""

    sd: float = param(doc="standard deviation")
    window: Window = param(Window(), doc="when it acts")

    def perceive(self, stimuli, clock, streams, presentation):
        flakes = [
            torch.randn(own.shape, generator=stream.child(clock.step).torch())
            for own, stream in zip(stimuli, streams, strict=True)
        ]
        return stimuli + self.sd * torch.stack(flakes)


@final
@define_spec
class Weight(Penalty):
    """Half the squared length of one weight, dearer with every update."""

    cost: float = param(doc="factor")
    window: Window = param(Window(), doc="when it acts")

    def penalty(self, parameters, buffers, body, clock):
        return self.cost * (1 + clock.step) * parameters["hidden1.weight"].square().sum() / 2


@final
@define_spec
class Sign(Teaching):
    """Only the direction of each gradient is taught."""

    window: Window = param(Window(), doc="when it acts")

    def teach(self, gradients, parameters, clock):
        return {name: gradient.sign() for name, gradient in gradients.items()}


@final
@define_spec
class Turnover(Structural):
    """After every second update the first hidden unit begins anew, with its momentum."""

    window: Window = param(Window(), doc="when it acts")

    def restructure(self, tissue, clock, streams):
        if clock.step % 2 == 0:
            tissue.parameters["hidden1.weight"][:, 0] = 0.1
            tissue.state["hidden1.weight"]["momentum_buffer"][:, 0] = 0.0
        return ()


def test_a_perceptual_intervention_changes_what_is_seen(naive, ordinary, same):
    subjects = naive("mlp", seeds=(0, 1), widths=(8,))
    stream = subjects[1].stream.child("intervention", "Snow", 0)

    def perceive(stimuli, epoch, step):
        return stimuli + 0.5 * torch.randn(stimuli.shape, generator=stream.child(step).torch())

    adults = rear_litter(subjects, Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]), [Snow(sd=0.5)])
    assert same(adults[1].weights, ordinary(subjects[1], 2, 16, MOMENTUM[1], perceive=perceive))


@pytest.mark.parametrize("body", ["stacked", "batch norm"])
def test_a_penalty_is_part_of_the_loss(naive, ordinary, same, body):
    name, parameters, _ = ANATOMIES[body]
    subjects = naive(name, seeds=(0, 1), **parameters)
    steps = iter(range(1, 100))

    def penalty(weights):
        return 0.01 * next(steps) * weights["hidden1.weight"].square().sum() / 2

    adults = rear_litter(subjects, Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]), [Weight(cost=0.01)])
    assert same(adults[1].weights, ordinary(subjects[1], 2, 16, MOMENTUM[1], penalty=penalty))


def test_a_teacher_makes_the_gradients(naive, ordinary, same):
    subjects = naive("mlp", seeds=(0, 1), widths=(8,))

    def teach(weights):
        for weight in weights.values():
            weight.grad.sign_()

    adults = rear_litter(subjects, Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]), [Sign()])
    assert same(adults[1].weights, ordinary(subjects[1], 2, 16, MOMENTUM[1], teach=teach))


def test_a_structural_intervention_changes_weights_and_optimiser_state(naive, ordinary, same):
    subjects = naive("mlp", seeds=(0, 1), widths=(8,))
    steps = iter(range(1, 100))

    def restructure(weights, optimizer):
        if next(steps) % 2 == 0:
            weights["hidden1.weight"][0] = 0.1
            optimizer.state[weights["hidden1.weight"]]["momentum_buffer"][0] = 0.0

    adults = rear_litter(subjects, Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]), [Turnover()])
    assert same(adults[1].weights, ordinary(subjects[1], 2, 16, MOMENTUM[1], restructure=restructure))


def test_roles_act_only_within_their_window(naive, same):
    (subject,) = naive("mlp", widths=(8,))
    rearing = Rearing(epochs=3, batch=16, keep=(1, 2))
    control = rear(subject, subject.environment, rearing)
    for make in (lambda window: Snow(sd=0.5, window=window), lambda window: Weight(cost=1.0, window=window),
                 lambda window: Sign(window=window), lambda window: Turnover(window=window)):  # fmt: skip
        treated = rear(subject, subject.environment, rearing, [make(Window(onset=1, offset=2))])
        assert [same(control.ages[age], treated.ages[age]) for age in (1, 2)] == [True, False]
        never = rear(subject, subject.environment, rearing, [make(Window(onset=2, offset=2))])
        assert same(control.weights, never.weights)


def test_told_targets_are_those_of_an_ordinary_loop_on_them(naive, ordinary, same):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(
        subject,
        subject.environment,
        Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]),
        [LabelCorruption(fraction=1.0)],
    )
    place = subject.environment
    told = adult.learnt_targets()
    assert not torch.equal(told, place.train.targets)
    liar = Environment.from_arrays(
        place.train.images, told, place.test.images, place.test.targets, normalise="standard"
    )
    assert same(adult.weights, ordinary(subject.living_in(liar), 2, 16, MOMENTUM[1]))


def test_a_lesion_holds_in_training_and_test(naive):
    (subject,) = naive("mlp", widths=(8,))
    everything = Lesion(site="hidden1", units=tuple(range(8)), values=(0.5,) * 8)
    adult = rear(subject, subject.environment, Rearing(epochs=2, batch=16), [everything])
    for name in ("hidden1.weight", "hidden1.bias"):  # no gradient passes
        assert torch.equal(adult.weights[name], subject.weights[name])
    assert not torch.equal(adult.weights["output.bias"], subject.weights["output.bias"])
    # every stimulus gets the same answer, so the accuracy is the share of one class
    shares = torch.bincount(subject.environment.test.targets).double() / 30
    assert adult.history.test_accuracy.values[-1] in shares.tolist()


@pytest.mark.parametrize("body", ANATOMIES)
def test_a_subject_that_diverges_stops_and_leaves_the_others_alone(naive, same, body):
    name, parameters, _ = ANATOMIES[body]
    sound = naive(name, seeds=(0, 2), **parameters)
    (doomed,) = naive(name, seeds=(1,), **parameters)
    weights = {weight: tensor.clone() for weight, tensor in doomed.weights.items()}
    weights["output.weight"] *= 1e38
    doomed = Subject(anatomy=doomed.anatomy, environment=doomed.environment, seed=1, ages={0: weights})
    rearing = Rearing(epochs=2, batch=16)
    first, lost, second = rear_litter([sound[0], doomed, sound[1]], rearing)
    assert (first.diverged, lost.diverged, second.diverged) == (-1, 1, -1)
    assert lost.age == 0
    assert same(lost.weights, doomed.weights)
    assert not np.isfinite(lost.history.train_loss.sel(epoch=1))
    assert lost.history.epoch.values.tolist() == [1]
    for one, other in zip((first, second), rear_litter(sound, rearing), strict=True):
        assert same(one.weights, other.weights)
    with pytest.raises(
        SpecificationError, match=r"subjects that have not diverged; came naive-1, which did in epoch 1"
    ):
        rear_litter([lost], rearing)


def test_a_halted_subject_keeps_its_last_weights_and_leaves_the_others_alone(naive, same):
    subjects = naive("mlp", seeds=range(4), widths=(8,))
    rearing = Rearing(epochs=12, batch=16, keep=tuple(range(13)))
    free = rear_litter(subjects, rearing)
    stop = EarlyStop(patience=2, of="test_accuracy")
    halted = rear_litter(subjects, rearing, [stop])
    assert len({adult.age for adult in halted}) > 1  # they stop one by one
    for one, other in zip(halted, free, strict=True):
        accuracy = other.history.test_accuracy.values
        lived = [{"epoch": list(range(1, age + 1)), "test_accuracy": accuracy[:age].tolist()} for age in range(3, 13)]
        ends = [len(along["epoch"]) for along in lived if stop.halts(along)]
        assert one.age == min(ends, default=12)
        assert same(one.weights, other.ages[one.age])
        assert one.history.epoch.values.tolist() == list(range(1, one.age + 1))
        assert max(one.ages) == one.age


def test_rearing_goes_on_from_where_it_stood(naive, same):
    """True where optimiser and schedule have no memory; ages, order and windows count from birth."""
    (subject,) = naive("mlp", widths=(8,))
    place = subject.environment
    noise = ActivityNoise(kind="additive", sd=0.1, window=Window(onset=1, offset=4))
    whole = rear(subject, place, Rearing(epochs=5, batch=16, optimizer=SGD(lr=0.1), keep=(0, 2, 4)), [noise])
    young = rear(subject, place, Rearing(epochs=2, batch=16, optimizer=SGD(lr=0.1)), [noise])
    adult = rear(young, place, Rearing(epochs=3, batch=16, optimizer=SGD(lr=0.1), keep=(0, 2)), [noise])
    assert (young.age, adult.age, sorted(adult.ages), sorted(whole.ages)) == (2, 5, [2, 4, 5], [0, 2, 4, 5])
    assert all(same(adult.ages[age], whole.ages[age]) for age in (2, 4, 5))
    assert adult.history.drop_vars("wall_time").equals(whole.history.drop_vars("wall_time"))


def test_an_optimiser_with_memory_begins_anew(naive, same):
    (subject,) = naive("mlp", widths=(8,))
    place = subject.environment
    whole = rear(subject, place, Rearing(epochs=2, batch=16, optimizer=MOMENTUM[0]))
    young = rear(subject, place, Rearing(epochs=1, batch=16, optimizer=MOMENTUM[0]))
    assert not same(rear(young, place, Rearing(epochs=1, batch=16, optimizer=MOMENTUM[0])).weights, whole.weights)


def test_no_epochs_leave_a_subject_as_it_is(naive, same):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(subject, subject.environment, Rearing(epochs=0))
    assert same(adult.weights, subject.weights)
    assert (adult.age, adult.history.sizes["epoch"]) == (0, 0)


def test_the_subject_given_stays_as_it_is(naive):
    (subject,) = naive("mlp", widths=(8,))
    before = subject.fingerprint, {name: tensor.clone() for name, tensor in subject.weights.items()}
    rear(subject, subject.environment, Rearing(epochs=2, batch=16))
    assert subject.fingerprint == before[0]
    assert all(torch.equal(tensor, before[1][name]) for name, tensor in subject.weights.items())


def test_subjects_of_all_kinds_can_be_reared_together(naive, same):
    """They become litters of their own, and come back in order."""
    (mlp,), (cnn,) = naive("mlp", widths=(8,)), naive("tran_cnn", channels=(4,), widths=(5,))
    (other,) = naive("mlp", seeds=(1,), widths=(8,))
    rearing = Rearing(epochs=1, batch=16)
    older = rear(other, other.environment, rearing)
    told = []
    adults = rear_litter([mlp, cnn, older], rearing, progress=lambda *done: told.append(done))
    for given, adult in zip((mlp, cnn, older), adults, strict=True):
        assert same(adult.weights, rear(given, given.environment, rearing).weights)
    assert [adult.age for adult in adults] == [1, 1, 2]
    assert told == [(1, 1)]


def test_progress_is_told_once_an_epoch_and_may_stop_it(naive, threads):
    subjects = naive("tran_cnn", seeds=range(3), channels=(4,), widths=(5,))
    told = []
    with threads(2):
        rear_litter(subjects, Rearing(epochs=3, batch=16), progress=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]

    def enough(epoch, epochs):
        raise KeyboardInterrupt

    with threads(2):
        with pytest.raises(KeyboardInterrupt):
            rear_litter(subjects, Rearing(epochs=10_000, batch=16), progress=enough)
        assert torch.get_num_threads() == 2


def test_training_can_be_measured_after_each_epoch(naive):
    (subject,) = naive("mlp", widths=(8,), batch_norm=True)
    place, told = subject.environment, LabelCorruption(fraction=0.5)
    adult = rear(subject, place, Rearing(epochs=2, batch=16, evaluate_train=True), [told])
    along = rear(subject, place, Rearing(epochs=2, batch=16), [told])
    with torch.no_grad():
        logits = adult.model()(place.present(place.train.images))
    right = (logits.argmax(1) == adult.learnt_targets()).double().mean()
    assert adult.history.train_accuracy.values[-1] == pytest.approx(right.item())
    loss = nn.functional.cross_entropy(logits, adult.learnt_targets()).item()
    assert adult.history.train_loss.values[-1] == pytest.approx(loss, rel=1e-5)  # float32 sums in another order
    assert adult.history.train_loss.values[0] != along.history.train_loss.values[0]
    assert "after the epoch" in adult.history.train_loss.attrs["long_name"]
    assert "over the epoch's batches" in along.history.train_loss.attrs["long_name"]


def test_history_tells_what_the_subject_can(naive):
    (subject,) = naive("mlp", widths=(8,))
    place = subject.environment
    adult = rear(subject, place, Rearing(epochs=2, batch=16))
    with torch.no_grad():
        logits = adult.model()(place.present(place.test.images))
    right = (logits.argmax(1) == place.test.targets).double().mean().item()
    assert adult.history.test_accuracy.values[-1] == pytest.approx(right)
    loss = nn.functional.cross_entropy(logits, place.test.targets).item()
    assert adult.history.test_loss.values[-1] == pytest.approx(loss, rel=1e-5)  # float32 sums in another order
    assert (adult.history.wall_time > 0).all()
    assert adult.history.learning_rate.values.tolist() == [0.1, 0.1]


def test_train_loss_is_the_mean_over_the_batches_as_they_came(naive):
    """One batch an epoch: the loss before its update is that of the weights before it."""
    (subject,) = naive("mlp", widths=(8,))
    place = subject.environment
    adult = rear(subject, place, Rearing(epochs=2, batch=70, keep=(1,), label_smoothing=0.1))
    for age in (0, 1):
        stage = subject if age == 0 else adult.at(1)
        with torch.no_grad():
            logits = stage.model()(place.present(place.train.images))
        loss = nn.functional.cross_entropy(logits, place.train.targets, label_smoothing=0.1).item()
        assert adult.history.train_loss.values[age] == pytest.approx(loss, rel=1e-5)  # float32 sums in another order


@pytest.mark.parametrize(
    ("intervention", "message"),
    [
        (Dropout(rate=0.1, sites=("hiden1",)), r'interventions\[1\].Dropout.*came \'hiden1\'. Did you mean "hidden1"'),
        (ActivityNoise(kind="additive", sd=1.0, sites=("conv1",)), r"interventions\[1\].ActivityNoise.*Valid: hidden1"),
        (Lesion(site="hidden9", units=(0,)), r"interventions\[1\].Lesion.*Valid: hidden1"),
        (Lesion(site="hidden1", units=(3, 8)), r"interventions\[1\].Lesion.*0 to 7; came \[8\]"),
    ],
)
def test_what_does_not_fit_is_refused_before_rearing(naive, intervention, message):
    (subject,) = naive("mlp", widths=(8,))

    def never(epoch, epochs):
        raise AssertionError("rearing had begun")

    with pytest.raises(SpecificationError, match=message):
        rear(subject, subject.environment, Rearing(epochs=1), [EarlyStop(patience=1), intervention], progress=never)


def test_a_subject_moves_only_to_an_environment_that_fits(naive, digits):
    (subject,) = naive("mlp", widths=(8,))
    with pytest.raises(SpecificationError, match=r"stimuli of shape \(3, 8, 8\) and 3 classes; came .*\(1, 8, 8\)"):
        rear(subject, digits, Rearing(epochs=1))
