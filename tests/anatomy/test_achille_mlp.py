from torch import nn

from artneuro.anatomy import AchilleMLP


def test_the_layout_and_the_connections_are_those_of_the_study():
    layers = [layer for layer in AchilleMLP().build((1, 32, 32), 10) if isinstance(layer, nn.Linear)]

    assert [layer.in_features for layer in layers] == [1024, 2500, 2000, 1500, 1000, 500]
    # 1024*2500 + 2500*2000 + 2000*1500 + 1500*1000 + 1000*500 + 500*10
    assert sum(layer.weight.numel() for layer in layers) == 12_565_000


def test_batch_norm_and_relu_follow_hidden_layers_only():
    kinds = [type(layer).__name__ for layer in AchilleMLP(width=0.1).build((1, 32, 32), 10)]

    assert kinds == ["Flatten", *["Linear", "BatchNorm1d", "ReLU"] * 5, "Linear"]


def test_a_fifth_of_the_width():
    layers = [layer for layer in AchilleMLP(width=0.2).build((1, 32, 32), 10) if isinstance(layer, nn.Linear)]

    assert [layer.out_features for layer in layers] == [500, 400, 300, 200, 100, 10]
