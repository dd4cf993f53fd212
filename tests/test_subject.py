"""A subject: twins, models, ages, and the way to disk and back."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro import identity
from artneuro.errors import RecordError, SpecificationError
from artneuro.rearing import Clock, LabelCorruption, VerticalFlip, WhiteNoise, Window
from artneuro.subject import Subject, identities, intervention_stream


@pytest.fixture(scope="module")
def place():
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, size=(60, 1, 8, 8), dtype=np.uint8)
    targets = np.arange(60) % 3
    return an.Environment.from_arrays(images[:40], targets[:40], images[40:], targets[40:])


@pytest.fixture(scope="module")
def anatomy():
    return an.anatomy("mlp", widths=(6,), batch_norm=True)


@pytest.fixture(scope="module")
def adult(place, anatomy):
    what = (LabelCorruption(fraction=0.5, window=Window(onset=1)),)
    return an.rear(
        an.Subject.naive(anatomy, place, 3, "half"), place, an.Rearing(epochs=3, batch=16, keep=(0, 2)), what
    )


def test_twins_are_born_alike_and_others_are_not(place, anatomy):
    first, twin, other = (Subject.naive(anatomy, place, seed, arm) for seed, arm in ((1, "a"), (1, "b"), (2, "a")))
    assert first.fingerprint == twin.fingerprint
    assert first.fingerprint != other.fingerprint
    assert (first.id, first.age, first.rearing, first.diverged) == ("a-1", 0, None, -1)


class Net(torch.nn.Module):
    pass


@pytest.mark.parametrize(("network", "name"), [(Net, "Net"), (Net(), "Net"), ("mlp", "Network"), (None, "Network")])
def test_what_is_no_anatomy_is_refused_and_told_how_to_become_one(place, network, name):
    words = rf"^anatomy: required an anatomy; came .*anatomy_of\({name}, "
    with pytest.raises(SpecificationError, match=words):
        Subject.naive(network, place, seed=0)
    with pytest.raises(SpecificationError, match=words):
        an.Cohort.of(anatomy=network, environment=place, rearing=an.Rearing())


def test_birth_leaves_torchs_own_generator_alone(place, anatomy):
    before = torch.get_rng_state()
    Subject.naive(anatomy, place, 0).model()
    assert torch.equal(before, torch.get_rng_state())


def test_a_model_is_a_copy_in_evaluation_mode(adult):
    fingerprint = adult.fingerprint
    model = adult.model()
    assert not model.training
    assert all(torch.equal(tensor, adult.weights[name]) for name, tensor in model.state_dict().items())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert all(tensor.any() for name, tensor in adult.weights.items() if name == "hidden1.weight")
    assert (
        Subject(anatomy=adult.anatomy, environment=adult.environment, seed=3, ages=adult.ages).fingerprint
        == fingerprint
    )


def test_sites_are_those_of_its_anatomy(adult):
    assert adult.sites() == {"hidden1": "hidden1_relu"}


def test_it_can_be_seen_at_every_age_that_was_kept(adult):
    young = adult.at(2)
    assert (young.age, sorted(young.ages), young.history.epoch.values.tolist()) == (2, [0, 2], [1, 2])
    assert young.weights is adult.ages[2]
    assert adult.at(0).history.sizes["epoch"] == 0
    with pytest.raises(SpecificationError, match=r"an age that was kept; came 1. Kept: 0, 2, 3. Add it to .*`keep`"):
        adult.at(1)


def test_it_remembers_the_targets_it_was_last_told(adult, place):
    corruption = adult.interventions[0]
    stream = intervention_stream(adult.stream, 0, corruption)
    assert torch.equal(adult.learnt_targets(), corruption.relabel(place.train.targets, 3, stream))
    assert not torch.equal(adult.learnt_targets(), place.train.targets)
    naive = adult.at(0)  # the window opens at epoch 1
    assert torch.equal(naive.learnt_targets(), place.train.targets)


def test_it_perceives_as_in_its_last_epoch(place, anatomy):
    turned, blind = VerticalFlip(window=Window(offset=2)), WhiteNoise(window=Window(onset=2))
    naive = Subject.naive(anatomy, place, 3)
    adult = an.rear(naive, place, an.Rearing(epochs=3, batch=16, keep=(2,)), [turned, blind])
    shown = place.present(place.train.images)
    assert torch.equal(adult.at(2).perceived(shown), shown.flip(-2))
    assert torch.equal(naive.perceived(shown), shown)
    stream = intervention_stream(adult.stream, 1, blind)
    last = blind.perceive(shown[None], Clock(2, 8), (stream,), place.presentation)[0]  # three updates an epoch
    assert torch.equal(adult.perceived(shown), last)


def test_twins_with_the_same_intervention_get_the_same_draws(place, anatomy):
    streams = [
        intervention_stream(Subject.naive(anatomy, place, 1, arm).stream, 0, LabelCorruption(fraction=part))
        for arm, part in (("a", 0.2), ("b", 0.7))
    ]
    assert streams[0] == streams[1]


def test_it_prints_in_a_line(place, anatomy):
    adult = an.rear(Subject.naive(anatomy, place, 3), place, an.Rearing(epochs=3, batch=16, keep=(2,)))
    assert repr(adult) == f"<Subject naive-3: {type(anatomy).__name__}, ages 2, 3, in {place!r}>"


def test_it_comes_back_from_disk_as_it_was(adult, place, tmp_path):
    adult.save(tmp_path)
    back = Subject.load(tmp_path, place)
    for field in ("anatomy", "seed", "arm", "rearing", "interventions", "diverged", "fingerprint", "age"):
        assert getattr(back, field) == getattr(adult, field)
    assert back.history.identical(adult.history)
    assert back.ages.keys() == adult.ages.keys()
    for age, weights in adult.ages.items():
        assert sorted(back.ages[age]) == sorted(weights)
        assert all(torch.equal(back.ages[age][name], tensor) for name, tensor in weights.items())
    assert all(not path.name.endswith((".pt", ".pkl", ".pth")) for path in tmp_path.iterdir())


@pytest.mark.parametrize("epochs", [None, 0])
def test_a_subject_without_a_past_comes_back(place, anatomy, tmp_path, epochs):
    subject = Subject.naive(anatomy, place, 0)
    if epochs is not None:
        subject = an.rear(subject, place, an.Rearing(epochs=epochs))
    subject.save(tmp_path)
    back = Subject.load(tmp_path, place)
    assert (back.fingerprint, back.rearing) == (subject.fingerprint, subject.rearing)
    assert back.history.identical(subject.history)


def test_one_that_came_back_grows_on_as_if_it_had_not_been_away(adult, place, tmp_path):
    adult.save(tmp_path)
    rearing = an.Rearing(epochs=1, batch=16)
    grown = [an.rear(subject, place, rearing) for subject in (adult, Subject.load(tmp_path, place))]
    assert grown[0].fingerprint == grown[1].fingerprint
    assert grown[1].history.updates.values.tolist() == [3, 6, 9, 12]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("weights-2.safetensors", lambda path: path.write_bytes(path.read_bytes()[:-9])),
        ("weights-3.safetensors", lambda path: path.unlink()),
        ("history.nc", lambda path: path.write_bytes(path.read_bytes()[:200])),
        ("subject.json", lambda path: path.write_text(path.read_text()[:-20])),
        ("subject.json", lambda path: path.write_text("{}")),
        ("subject.json", lambda path: path.write_text("[1]")),
        ("subject.json", lambda path: identity.write({**identity.read(path.parent), "ages": []}, path.parent)),
        ("subject.json", lambda path: path.write_text(path.read_text().replace('"seed": ', '"seed": 1'))),
        ("subject.json", lambda path: path.write_text(path.read_text().replace('"diverged": -1', '"diverged": 1'))),
        ("weights-3.safetensors", lambda path: path.write_bytes((path.parent / "weights-2.safetensors").read_bytes())),
        ("weights-2.safetensors", lambda path: path.write_bytes((path.parent / "weights-3.safetensors").read_bytes())),
        ("history.nc", lambda path: an.write(an.read(path).assign(train_loss=an.read(path).train_loss + 1), path)),
    ],
)
def test_damage_is_named(adult, place, tmp_path, name, damage):
    adult.save(tmp_path)
    damage(tmp_path / name)
    with pytest.raises(RecordError, match=str(tmp_path / name)):
        Subject.load(tmp_path, place)


def test_an_environment_it_did_not_grow_up_in_is_refused(adult, place, tmp_path):
    adult.save(tmp_path)
    other = an.Environment.from_arrays(place.test.images, place.test.targets, place.train.images, place.train.targets)
    with pytest.raises(RecordError, match=f"grew up in stimuli with fingerprint {place.fingerprint}"):
        Subject.load(tmp_path, other)


def test_identities_are_the_coordinates_of_a_record(adult, place, anatomy):
    assert identities([adult, Subject.naive(anatomy, place, 7)]) == {
        "subject": ["half-3", "naive-7"],
        "arm": ["half", "naive"],
        "seed": [3, 7],
        "diverged": [-1, -1],
    }
