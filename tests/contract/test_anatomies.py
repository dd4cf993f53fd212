"""What holds for every registered anatomy, beside what tests/anatomy asks of each. One without a case fails."""

import numpy as np
import pytest
import torch
from torch import nn

import artneuro as an
from artneuro import registry
from artneuro.anatomy import anatomy_of
from artneuro.anatomy.recording import record_activity
from artneuro.errors import SpecificationError

REGISTERED = [name for name, cls in registry.members("anatomy").items() if cls.__module__.startswith("artneuro.")]


class Own(nn.Module):
    """A network of the user's own."""

    def __init__(self, classes):
        super().__init__()
        self.first, self.relu, self.last = nn.Linear(64, 5), nn.ReLU(), nn.Linear(5, classes)

    def forward(self, x):
        return self.last(self.relu(self.first(x.flatten(1))))


CASES = {
    "achille_mlp": {"width": 0.005},
    "all_cnn": {"width": 0.1},
    "deep_linear": {"width": 9},
    "depth_cnn": {"width": 0.1, "stages": 1},
    "embedded": {"of": {"mlp": {"widths": [12, 9]}}},
    "mlp": {"widths": (12, 9)},
    "module": anatomy_of(Own, sites={"hidden": "relu"}).plain(),
    "morcos_cnn": {"width": 0.1},
    "recurrent": {"units": 7},
    "resnet18": {"width": 0.1},
    "simple_cnn": {"channels": (4, 5), "hidden": 9},
    "token_mlp": {"width": 5, "widths": (7,)},
    "tran_cnn": {"channels": (4, 5, 6), "widths": (11, 10, 9)},
    "transformer": {"width": 6, "heads": 2, "hidden": 9},
}


@pytest.fixture(scope="module")
def place():
    draw = np.random.default_rng(0)
    images, targets = draw.integers(0, 256, (30, 8, 8), dtype=np.uint8), np.arange(30) % 3
    return an.Environment.from_arrays(images[:20], targets[:20], images[20:], targets[20:])


@pytest.fixture
def born(place):
    def born(name, seed=0, arm="naive"):
        return an.Subject.naive(an.anatomy(name, **CASES[name]), place, seed, arm)

    return born


@pytest.mark.parametrize("name", REGISTERED)
def test_it_has_a_case(name):
    assert name in CASES


@pytest.mark.parametrize("name", REGISTERED)
def test_it_answers_stimuli_with_one_logit_a_class(name, born, place):
    with torch.no_grad():
        logits = born(name).model()(place.present(place.test.images))
    assert logits.shape == (10, 3)
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", REGISTERED)
def test_its_sites_are_modules_that_answer_with_units(name, born, place):
    subject = born(name)
    model, sites = subject.model(), subject.sites()
    assert sites
    assert set(sites.values()) <= dict(model.named_modules()).keys()
    with torch.no_grad():
        activity = record_activity(model, sites, place.present(place.test.images))
    assert list(activity) == list(sites)
    for site, seen in activity.items():
        assert seen.ndim in (2, 4), site  # neurons, or feature maps
        assert len(seen) == 10, site
        assert seen.shape[1] > 0, site


@pytest.mark.parametrize("name", REGISTERED)
def test_twins_are_born_alike_whatever_their_arm_and_others_are_not(name, born):
    one, twin, other = born(name, seed=4, arm="one"), born(name, seed=4, arm="two"), born(name, seed=5, arm="one")
    assert one.weights.keys() == twin.weights.keys() == dict(one.model().state_dict()).keys()
    assert all(torch.equal(one.weights[part], twin.weights[part]) for part in one.weights)
    assert one.fingerprint == twin.fingerprint != other.fingerprint


@pytest.mark.parametrize("name", REGISTERED)
def test_an_unknown_site_is_answered_with_the_valid_ones(name, born):
    subject = born(name)
    with pytest.raises(SpecificationError, match=r"LesionStudy\.site: .*'nowhere'") as refused:
        an.LesionStudy(site="nowhere").run(subject)
    assert str(refused.value).endswith(f"Valid: {', '.join(sorted(subject.sites()))}.")


@pytest.mark.parametrize("name", REGISTERED)
def test_an_unknown_parameter_is_refused_by_name(name):
    with pytest.raises(SpecificationError, match=rf"{name}\.colour: .*unknown name 'colour'"):
        an.anatomy(name, **CASES[name], colour=True)
