"""One event, without any learning."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro.anatomy import anatomy, anatomy_of
from artneuro.errors import SpecificationError
from artneuro.rearing import Rearing, Turnover
from artneuro.rearing.rear import rear
from artneuro.rearing.turnover_once import turned_over
from artneuro.seeds import Stream
from artneuro.subject import Subject


def test_what_lies_outside_the_units_is_untouched_by_an_event(few):
    """The weights of the others, bit for bit; and so what the others do, where the units are lesioned."""
    subject = Subject.naive(anatomy("tran_cnn", channels=(4, 6), widths=(9,), batch_norm=True), few, seed=3)
    for site, lesioned in (("conv4", "conv4_relu"), ("hidden1", "hidden1_relu")):
        after = turned_over(subject, Turnover(site=site, count=2, every=1), Stream(7))
        first = next(name for name in after.weights if name == f"{site}.weight")
        units = (after.weights[first] != subject.weights[first]).flatten(1).any(1).nonzero().flatten()
        assert len(units) == 2
        answers = []
        for network in (subject.model(), after.model()):
            network.get_submodule(lesioned).register_forward_hook(
                lambda module, inputs, out, units=units: out.index_fill(1, units, 0.0)
            )
            answers.append(network(few.present(few.test.images)))
        assert torch.equal(*answers)
        changed = {
            name: int((tensor != subject.weights[name]).sum())
            for name, tensor in after.weights.items()
            if not torch.equal(tensor, subject.weights[name])
        }
        expected = (
            {"conv4.weight": 2 * 6 * 9, "hidden1.weight": 9 * 2 * 4}
            if site == "conv4"
            else {"hidden1.weight": 2 * 24, "output.weight": 3 * 2}
        )
        assert changed == expected  # a norm that never learnt is as at birth already


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"bias": False, "outgoing": False}, {"hidden1.weight"}),
        ({"incoming": False, "outgoing": False}, {"hidden1.bias"}),
        ({"incoming": False, "bias": False}, {"output.weight"}),
    ],
)
def test_what_is_redrawn_is_what_was_asked_for(naive, parts, expected):
    (subject,) = naive("mlp", widths=(6,))
    after = turned_over(subject, Turnover(site="hidden1", count=2, every=1, **parts), Stream(0))
    assert {
        name for name, tensor in after.weights.items() if not torch.equal(tensor, subject.weights[name])
    } == expected


def test_newborn_weights_are_scaled(naive):
    (subject,) = naive("mlp", widths=(6,))
    plain, scaled = (
        turned_over(subject, Turnover(site="hidden1", count=6, every=1, **factors), Stream(0)).weights
        for factors in ({}, {"scale": 0.5, "outgoing_scale": 0.0})
    )
    assert torch.equal(scaled["hidden1.weight"], plain["hidden1.weight"] * 0.5)
    assert torch.equal(scaled["hidden1.bias"], plain["hidden1.bias"] * 0.5)
    assert not scaled["output.weight"].any()
    assert torch.equal(scaled["output.bias"], subject.weights["output.bias"])


def test_the_subject_itself_and_its_history_stay_as_they_are(naive):
    (subject,) = naive("mlp", widths=(6,))
    adult = rear(subject, subject.environment, Rearing(epochs=2, keep=(1,)))
    before = adult.fingerprint
    after = turned_over(adult, Turnover(site="hidden1", count=2, every=1), Stream(0))
    assert (adult.fingerprint, after.age, after.ages[1]) == (before, 2, adult.ages[1])
    assert after.fingerprint != before
    assert after.history is adult.history
    again = turned_over(adult, Turnover(site="hidden1", count=2, every=1), Stream(0))
    other = turned_over(adult, Turnover(site="hidden1", count=2, every=1), Stream(1))
    assert again.fingerprint == after.fingerprint != other.fingerprint


def test_ages_come_from_the_history(naive):
    (subject,) = naive("mlp", widths=(6,))
    first = Turnover(site="hidden1", count=2, every=5)
    adult = rear(subject, subject.environment, Rearing(epochs=1, batch=14), [first])
    youngest = first.but(choice="age")
    after = turned_over(adult, youngest, Stream(0))
    changed = (after.weights["hidden1.bias"] != adult.weights["hidden1.bias"]).nonzero().flatten().tolist()
    assert changed == sorted(adult.history.event_unit.values.tolist())


def test_pruning_once_silences_units(naive):
    (subject,) = naive("mlp", widths=(6,))
    after = turned_over(subject, Turnover(site="hidden1", count=2, every=1, mode="prune"), Stream(0))
    silent = (after.weights["hidden1.bias"] == 0).nonzero().flatten()
    assert len(silent) == 2
    assert not after.weights["hidden1.weight"][silent].any()
    assert not after.weights["output.weight"][:, silent].any()


def test_what_cannot_be_done_once_is_refused(naive):
    (subject,) = naive("mlp", widths=(6,))
    with pytest.raises(SpecificationError, match=r"Turnover.mode: required replace or prune.*Replace units"):
        turned_over(subject, Turnover(site="hidden1", count=1, every=1, mode="grow", dormant=2), Stream(0))
    with pytest.raises(SpecificationError, match=r"Turnover.count: required at most the 6 units of hidden1; came 7"):
        turned_over(subject, Turnover(site="hidden1", count=7, every=1), Stream(0))


class Tutorial(nn.Module):
    """The convolutional network of torch's tutorials, for smaller images."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 5, 3, padding=1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(5 * 2 * 2, 8), nn.Linear(8, 6), nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 5 * 2 * 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@pytest.mark.parametrize(("site", "after", "block"), [("conv1", "conv2", 1), ("conv2", "fc1", 4), ("fc2", "fc3", 1)])
def test_units_of_the_tutorials_network_are_redrawn_entry_by_entry(few, same, site, after, block):
    """Its pooling and reshaping are functions, not modules."""
    anatomy = anatomy_of(Tutorial, sites={name: name for name in ("conv1", "conv2", "fc1", "fc2")})
    subject, rng = Subject.naive(anatomy, few, seed=2), Stream(5)
    found = turned_over(subject, Turnover(site=site, count=2, every=1), rng).weights
    with rng.child("newborn", 0).initialising():
        fresh = Tutorial().state_dict()
    expected = {name: tensor.clone() for name, tensor in subject.weights.items()}
    units = len(expected[f"{site}.bias"])
    for unit in rng.child("units", 0).numpy().permutation(units)[:2].tolist():
        expected[f"{site}.bias"][unit] = fresh[f"{site}.bias"][unit]
        for source in range(expected[f"{site}.weight"].shape[1]):
            expected[f"{site}.weight"][unit, source] = fresh[f"{site}.weight"][unit, source]
        for reader in range(len(expected[f"{after}.weight"])):
            for entry in range(unit * block, (unit + 1) * block):
                expected[f"{after}.weight"][reader, entry] = fresh[f"{after}.weight"][reader, entry]
    assert same(found, expected)
    assert not torch.equal(found[f"{after}.weight"], subject.weights[f"{after}.weight"])
