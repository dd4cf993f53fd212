import torch
from torch import nn

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
