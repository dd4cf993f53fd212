import pytest
import torch
from torch import nn

from artneuro.anatomy import MorcosCNN
from artneuro.anatomy.recording import record_activity


def convolutions(model):
    return [layer for layer in model if isinstance(layer, nn.Conv2d)]


def test_widths_and_strides_are_those_of_the_paper():
    layers = convolutions(MorcosCNN().build((3, 32, 32), 10))

    assert [layer.out_channels for layer in layers] == [64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512]
    assert [layer.stride[0] for layer in layers] == [1, 1, 2, 1, 1, 2, 1, 1, 2, 1, 1]
    assert {layer.kernel_size for layer in layers} == {(3, 3)}


def test_the_number_of_parameters_is_that_on_paper():
    # connections: 27*64 + 576*64 + 576*128 + 2*1152*128 + 1152*256 + 2*2304*256 + 2304*512 + 2*4608*512
    connections = 1_728 + 36_864 + 73_728 + 294_912 + 294_912 + 1_179_648 + 1_179_648 + 4_718_592
    maps = 2 * 64 + 3 * 128 + 3 * 256 + 3 * 512
    last = 512 * 10 + 10

    with_norm = MorcosCNN().build((3, 32, 32), 10)
    without = MorcosCNN(batch_norm=False).build((3, 32, 32), 10)

    assert sum(p.numel() for p in with_norm.parameters()) == connections + 2 * maps + last
    assert sum(p.numel() for p in without.parameters()) == connections + maps + last


def test_half_the_width_is_half_of_every_layer():
    layers = convolutions(MorcosCNN(width=0.5).build((3, 32, 32), 10))

    assert [layer.out_channels for layer in layers] == [32, 32, 64, 64, 64, 128, 128, 128, 256, 256, 256]


@pytest.mark.parametrize(("initialisation", "low", "high"), [("he", 0.1, 1.0), ("torch", 0.0, 0.001)])
@torch.no_grad()
def test_only_he_initialisation_keeps_the_signal_without_batch_norm(initialisation, low, high, stimuli):
    model = MorcosCNN(width=0.5, batch_norm=False, initialisation=initialisation).build((3, 32, 32), 10)
    x = stimuli(4, 3, 32, 32)  # of standard deviation 1

    seen, mirrored = (record_activity(model, {"top": "conv11_relu"}, stimuli)["top"] for stimuli in (x, -x))

    assert low < (seen - mirrored).std() < high  # how much of the stimulus arrives; what is from biases cancels
