import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro.anatomy import anatomy
from artneuro.anatomy.cut import cut
from artneuro.errors import SpecificationError


class Functional(nn.Module):
    """A user's network: functional calls, the batch size read from the tensor, ReLU in place."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True)
        self.fc1, self.fc2 = nn.Linear(3 * 36, 8), nn.Linear(8, 4)

    def forward(self, x):
        x = self.relu(self.conv(x))
        x = x.view(x.size(0), -1)
        return self.fc2(F.relu(self.fc1(x), inplace=True))


class Branching(Functional):
    """Control flow that depends on the stimuli."""

    def forward(self, x):
        return super().forward(-x if x.mean() > 100 else x)


class SizeFromBelow(Functional):
    """The batch size crosses the site."""

    def forward(self, x):
        stimuli = x.size(0)
        x = self.relu(self.conv(x))
        return self.fc2(self.fc1(torch.flatten(x, 1))).view(stimuli, -1)


class BatchMean(Functional):
    """A tensor crosses the site whose first dim is not the batch, but has its size where two stimuli come."""

    def forward(self, x):
        mean = x.mean((0, 1, 2))[:2]
        logits = self.fc2(self.fc1(torch.flatten(self.relu(self.conv(x)), 1)))
        return (logits.unflatten(1, (2, 2)) + mean).flatten(1)


class Optional(Functional):
    """Tracing goes the wrong way: its stand-in for the gate is not None."""

    def forward(self, x, gate=None):
        return super().forward(x if gate is None else x * 2)


class Contained(Functional):
    """The site is a module that contains others."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(self.conv, self.relu)

    def forward(self, x):
        return self.fc2(self.fc1(torch.flatten(self.block(x), 1)))


class Reads(nn.Module):
    """The activity has two readers."""

    def __init__(self):
        super().__init__()
        self.relu, self.out = nn.ReLU(), nn.Linear(4, 4)

    def forward(self, x):
        hidden = self.relu(x)
        return self.out(hidden) + hidden


class Joins(Reads):
    """The stimuli join in behind the linear layer."""

    def forward(self, x):
        return self.out(self.relu(x)) + x


class Skips(nn.Module):
    """Two tensors cross the site: the stimuli and a sibling branch; a buffer is used on both sides."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.relu, self.out = nn.Linear(6, 6), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 4)
        self.register_buffer("gain", torch.full((6,), 1.5))

    def forward(self, x):
        x = x.flatten(1) * self.gain
        sibling = self.b(x)
        return self.out((self.relu(self.a(x)) + sibling) * x * self.gain)


class Discards(nn.Module):
    """The ReLU works in place and its result is thrown away: a hook on it reaches nothing."""

    def __init__(self):
        super().__init__()
        self.fc, self.relu, self.out = nn.Linear(6, 6), nn.ReLU(inplace=True), nn.Linear(6, 4)

    def forward(self, x):
        hidden = self.fc(x)
        self.relu(hidden)
        return self.out(hidden)


class Row(Reads):
    """The linear layer gets the activity as a row, and what follows counts on that."""

    def forward(self, x):
        hidden = self.relu(x)
        return self.out(hidden.view(hidden.size(0), 1, -1)).mean(1)


def by_hook(model, module, x, change):
    """Substitute a changed activity during an ordinary forward pass."""
    handle = model.get_submodule(module).register_forward_hook(lambda m, i, output: change(output.clone()))
    try:
        return model(x)
    finally:
        handle.remove()


def without_even_units(activity):
    activity[:, ::2] = 0.0
    return activity


@pytest.fixture
def resnet(lived):
    return lived(anatomy("resnet18").build((1, 8, 8), 4))


CASES = [
    (Functional, "conv", True, 0),
    (Functional, "relu", True, 0),
    (Functional, "fc1", True, 0),
    (Functional, "fc2", True, 0),
    (Branching, "conv", False, 1),
    (Branching, "relu", False, 1),
    (Branching, "fc1", False, 1),
    (SizeFromBelow, "relu", False, 1),
    (BatchMean, "relu", False, 1),
    (Optional, "relu", False, 1),
    (Contained, "block", True, 0),
]


@pytest.mark.parametrize(("kind", "module", "partial", "carries"), CASES)
@torch.no_grad()
def test_networks_of_users_are_cut_where_they_can_be_traced(kind, module, partial, carries, stimuli):
    model, x = kind().eval(), stimuli(5, 1, 8, 8)
    reference = model(x)

    halves = cut(model, module, x)
    activity, carried = halves.before(x)

    assert (halves.partial, len(carried)) == (partial, carries)
    assert torch.equal(halves.after(activity, carried), reference)
    expected = by_hook(model, module, x, without_even_units)
    assert not torch.equal(expected, reference)
    assert torch.equal(halves.after(without_even_units(activity.clone()), carried), expected)


@pytest.mark.parametrize("module", ["relu", "layer1.0.relu1", "layer1.0.relu2", "layer2.0.relu1", "layer4.1.relu2"])
@torch.no_grad()
def test_a_lesion_of_a_residual_network_is_that_of_a_hook(module, resnet, stimuli):
    x = stimuli(3, 1, 8, 8)

    halves = cut(resnet, module, x)
    activity, carried = halves.before(x)

    assert halves.partial
    assert torch.equal(
        halves.after(without_even_units(activity), carried), by_hook(resnet, module, x, without_even_units)
    )


@torch.no_grad()
def test_the_other_branch_of_a_residual_block_is_computed_before_the_cut(resnet, stimuli):
    x = stimuli(3, 1, 8, 8)
    halves = cut(resnet, "layer2.0.relu1", x)
    activity, carried = halves.before(x)
    called = []
    for name in ("conv1", "layer2.0.downsample.0", "layer2.0.conv2", "layer4.1.conv2"):
        resnet.get_submodule(name).register_forward_hook(lambda *_, name=name: called.append(name))

    halves.after(activity, carried)

    assert called == ["layer2.0.conv2", "layer4.1.conv2"]
    assert [tuple(tensor.shape) for tensor in carried] == [(3, 128, 4, 4)]


@torch.no_grad()
def test_all_tensors_that_cross_are_carried_and_buffers_are_not(stimuli):
    model, x = Skips().eval(), stimuli(5, 1, 2, 3)

    halves = cut(model, "relu", x)
    activity, carried = halves.before(x)

    assert halves.partial
    assert [tuple(tensor.shape) for tensor in carried] == [(5, 6), (5, 6)]
    assert torch.equal(halves.after(activity, carried), model(x))


@pytest.mark.parametrize(("kind", "module", "shape"), [
    (Functional, "conv", (1, 8, 8)), (Branching, "conv", (1, 8, 8)), (SizeFromBelow, "relu", (1, 8, 8)),
    (Skips, "relu", (1, 2, 3)),
])  # fmt: skip
@torch.no_grad()
def test_lesions_can_be_folded_into_the_batch(kind, module, shape, stimuli):
    model, x = kind().eval(), stimuli(5, *shape)
    halves = cut(model, module, x)
    activity, carried = halves.before(x)

    both = halves.after(
        torch.cat([activity, without_even_units(activity.clone())]), tuple(torch.cat([c, c]) for c in carried)
    )

    # float32 sums may run in another order in a batch of another size
    torch.testing.assert_close(both[:5], model(x))
    torch.testing.assert_close(both[5:], by_hook(model, module, x, without_even_units))


@pytest.mark.parametrize(("kind", "module"), [(Functional, "conv"), (Functional, "fc1"), (Branching, "conv")])
@torch.no_grad()
def test_the_rest_leaves_its_arguments_alone_even_where_it_works_in_place(kind, module, stimuli):
    model, x = kind().eval(), stimuli(5, 1, 8, 8)
    halves = cut(model, module, x)
    activity, carried = halves.before(x)
    kept = activity.clone()
    assert kept.min() < 0

    first = halves.after(activity, carried)

    assert torch.equal(activity, kept)
    assert torch.equal(halves.after(activity, carried), first)


@torch.no_grad()
def test_hooks_on_modules_that_stay_whole_act_in_both_parts(stimuli):
    model, x = Contained().eval(), stimuli(5, 1, 8, 8)
    halves = cut(model, "fc1", x, whole=["block"])
    model.block.register_forward_hook(lambda module, inputs, output: without_even_units(output))

    assert halves.partial
    assert torch.equal(halves.after(*halves.before(x)), model(x))


@torch.no_grad()
def test_a_cut_sees_the_weights_of_the_model(stimuli):
    model, x = anatomy("mlp", widths=(6, 5)).build((1, 4, 4), 3).eval(), stimuli(5, 1, 4, 4)
    halves = cut(model, "hidden1_relu", x)
    model.hidden2.weight.mul_(2)

    assert torch.equal(halves.after(*halves.before(x)), model(x))


LINEAR = [
    ("mlp", {"widths": (6, 5)}, "hidden1_relu", "hidden2"),
    ("mlp", {"widths": (6, 5)}, "hidden2_relu", "output"),
    ("mlp", {"widths": (6, 5), "batch_norm": True, "dropout": 0.5}, "hidden1_relu", "hidden2"),
    ("tran_cnn", {}, "hidden1_relu", "hidden2"),
    ("tran_cnn", {}, "conv6_relu", None),
    ("simple_cnn", {"channels": (4, 5)}, "conv2_relu", None),
    ("morcos_cnn", {"width": 0.1}, "conv11_relu", None),
    ("all_cnn", {"width": 0.1}, "conv8_relu", None),
]


@pytest.mark.parametrize(("name", "parameters", "module", "layer"), LINEAR)
@torch.no_grad()
def test_a_lesion_before_a_linear_layer_is_a_rank_one_change(name, parameters, module, layer, lived, stimuli):
    model, x = lived(anatomy(name, **parameters).build((1, 8, 8), 4)), stimuli(5, 1, 8, 8)

    halves = cut(model, module, x)

    if layer is None:
        assert halves.linear is None
        return
    linear, head = halves.linear
    activity, carried = halves.before(x)
    assert linear is model.get_submodule(layer)
    assert torch.equal(head(linear(activity)), model(x))
    unit = int(activity.sum(0).argmax())
    clamped = activity.clone()
    clamped[:, unit] = 0.0
    preactivation = linear(activity) - activity[:, unit, None] * linear.weight[:, unit]
    # the same sum in another order: float32 rounding
    torch.testing.assert_close(head(preactivation), halves.after(clamped, carried), rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_feature_maps_that_are_flattened_into_a_linear_layer_have_the_rank_one_form(stimuli):
    model, x = Functional().eval(), stimuli(5, 1, 8, 8)
    halves = cut(model, "relu", x)
    activity, _ = halves.before(x)

    linear, head = halves.linear
    preactivation = linear(activity.flatten(1))
    kept = preactivation.clone()

    assert linear is model.fc1
    assert torch.equal(head(preactivation), model(x))
    assert torch.equal(preactivation, kept)  # although the ReLU behind it works in place


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Flatten(), nn.Linear(12, 4)),  # not the activity itself
        nn.Sequential(nn.ReLU(), nn.Linear(3, 3), nn.Flatten()),  # each row by itself
        nn.Sequential(nn.ReLU(), nn.Flatten()),  # no linear layer
    ],
)
@torch.no_grad()
def test_other_continuations_have_no_rank_one_form(model, stimuli):
    halves = cut(model.eval(), "0", stimuli(2, 4, 3))

    assert halves.partial
    assert halves.linear is None


@pytest.mark.parametrize("kind", [Reads, Joins, Row])
@torch.no_grad()
def test_where_more_than_the_flat_activity_is_needed_there_is_no_rank_one_form(kind, stimuli):
    halves = cut(kind().eval(), "relu", stimuli(2, 4))

    assert halves.partial
    assert halves.linear is None


@pytest.mark.parametrize("count", [1, 2, 5])
@torch.no_grad()
def test_examples_of_any_number_will_do_and_stay_as_they_are(count, stimuli):
    model, example = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(6, 4)).eval(), stimuli(count, 6)
    kept = example.clone()

    halves = cut(model, "0", example)
    halves.before(example)

    assert torch.equal(example, kept)


def test_a_model_in_training_is_refused(stimuli):
    with pytest.raises(SpecificationError, match=r"Call `model\.eval\(\)` first"):
        cut(Functional(), "relu", stimuli(2, 1, 8, 8))


def test_a_module_without_influence_on_the_logits_is_refused(stimuli):
    with pytest.raises(SpecificationError, match=r"the logits depend on \(relu\); came one without influence"):
        cut(Discards().eval(), "relu", stimuli(2, 6))


def test_a_module_that_does_not_exist_is_refused(stimuli):
    with pytest.raises(SpecificationError, match='Did you mean "relu"'):
        cut(Functional().eval(), "rely", stimuli(2, 1, 8, 8))
