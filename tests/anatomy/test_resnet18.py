import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro._torchvision import torchvision
from artneuro.anatomy import ResNet18
from artneuro.anatomy.recording import record_activity


def torchvisions(classes):
    """Torchvision's network, given the stem by hand."""
    peer = torchvision.models.resnet18(num_classes=classes)
    peer.conv1 = nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
    peer.maxpool = nn.Identity()
    return peer


def test_it_computes_what_torchvisions_computes(lived, stimuli):
    peer = lived(torchvisions(classes=7))
    model = ResNet18().build((3, 32, 32), 7).eval()
    model.load_state_dict(peer.state_dict())
    x = stimuli(2, 3, 16, 16)

    with torch.no_grad():
        assert torch.equal(model(x), peer(x))


def test_the_number_of_parameters_is_torchvisions_with_another_stem():
    model = ResNet18().build((3, 32, 32), 1000)

    # torchvision documents 11,689,512 for 1000 classes, with a 7 x 7 stem
    assert sum(p.numel() for p in model.parameters()) == 11_689_512 - 64 * 3 * 49 + 64 * 3 * 9


def test_it_is_initialised_as_torchvisions():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = ResNet18().build((3, 32, 32), 10).state_dict()

    for name in ("conv1.weight", "layer4.1.conv2.weight"):
        fan_out = weights[name].shape[0] * 9
        # 1,728 draws and more: the standard deviation is known to 2 %, asked for to 10 %
        assert abs(weights[name].std() * (fan_out / 2) ** 0.5 - 1) < 0.1
    assert torch.equal(weights["layer1.0.bn2.weight"], torch.ones(64))


def test_sites_are_the_stem_and_each_blocks_inside_and_output():
    anatomy = ResNet18()
    blocks = [name for i in range(1, 9) for name in (f"block{i}_inner", f"block{i}")]

    assert list(anatomy.sites(anatomy.build((1, 8, 8), 10))) == ["stem", *blocks]


def test_a_blocks_output_is_what_the_next_block_gets(lived, stimuli):
    model = lived(ResNet18().build((1, 8, 8), 10))
    received = []
    model.layer1[1].register_forward_pre_hook(lambda module, inputs: received.append(inputs[0].clone()))

    activity = record_activity(model, {"block1": "layer1.0.relu2"}, stimuli(2, 1, 8, 8))

    assert torch.equal(activity["block1"], received[0])


def test_dropout_lies_inside_every_block_and_rests_in_evaluation(stimuli):
    with_dropout = ResNet18(dropout=0.5).build((1, 8, 8), 10)
    without = ResNet18().build((1, 8, 8), 10)
    without.load_state_dict(with_dropout.state_dict())
    x = stimuli(2, 1, 8, 8)

    assert sum(isinstance(module, nn.Dropout) for module in with_dropout.modules()) == 8
    with torch.no_grad():
        assert torch.equal(with_dropout.eval()(x), without.eval()(x))


def test_nothing_works_in_place():
    model = ResNet18().build((1, 8, 8), 10)

    assert [m for m in model.modules() if isinstance(m, nn.ReLU) and m.inplace] == []


@pytest.mark.parametrize("pre_activation", [False, True])
def test_a_quarter_of_the_width(pre_activation):
    model = ResNet18(width=0.25, pre_activation=pre_activation).build((3, 32, 32), 10)

    layers = [model.layer1, model.layer2, model.layer3, model.layer4]
    assert [layer[1].conv2.out_channels for layer in layers] == [16, 32, 64, 128]
    assert model.fc.in_features == 128


def pre_activated(weights, x):
    """The network written out: stem, eight blocks that normalise and rectify before they convolve, mean, classes."""

    def norm(name, x):
        names = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(weights[f"{name}.{each}"] for each in names))

    x = F.relu(norm("bn1", F.conv2d(x, weights["conv1.weight"], padding=1)))
    for layer in range(1, 5):
        for block in range(2):
            at, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            before = F.relu(norm(f"{at}.bn1", x))
            inner = F.conv2d(before, weights[f"{at}.conv1.weight"], stride=stride, padding=1)
            inner = F.conv2d(F.relu(norm(f"{at}.bn2", inner)), weights[f"{at}.conv2.weight"], padding=1)
            skip = x if stride == 1 else F.conv2d(before, weights[f"{at}.downsample.weight"], stride=2)
            x = inner + skip
    return x.mean(dim=(2, 3)) @ weights["fc.weight"].T + weights["fc.bias"]


def test_pre_activation_normalises_and_rectifies_before_it_convolves(lived, stimuli):
    model = lived(ResNet18(pre_activation=True, width=0.1).build((3, 32, 32), 7))
    x = stimuli(2, 3, 16, 16)

    with torch.no_grad():
        # the same operations but for the order of sums in mean and product: float32 rounding
        assert torch.allclose(model(x), pre_activated(model.state_dict(), x), rtol=1e-4, atol=1e-4)


def test_pre_activation_has_the_parameters_of_the_layout():
    plain, pre = (ResNet18(pre_activation=which).build((3, 32, 32), 10) for which in (False, True))
    count = [sum(p.numel() for p in model.parameters()) for model in (plain, pre)]

    # norms of the three downsampled skips are gone; a first norm has the width of its input, in three blocks half
    assert count[0] - count[1] == 2 * (128 + 256 + 512) + 2 * (64 + 128 + 256)


def test_sites_of_pre_activation_are_all_its_relus():
    anatomy = ResNet18(pre_activation=True, width=0.1)
    blocks = [name for i in range(1, 9) for name in (f"block{i}_outer", f"block{i}_inner")]

    assert list(anatomy.sites(anatomy.build((1, 8, 8), 10))) == ["stem", *blocks]
