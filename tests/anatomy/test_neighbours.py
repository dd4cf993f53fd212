import pytest
import torch
from torch import Tensor, nn

from artneuro.anatomy.neighbours import layers_into, layers_out_of, side_into, side_out_of


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.relu0 = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU()
        self.conv1, self.relu1 = nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()
        self.conv2, self.norm, self.relu2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU()
        self.side = nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu0(self.stem(x))
        first = self.relu1(self.conv1(x)) + x
        second = self.relu2(self.norm(self.conv2(first)) + self.side(first))
        return self.head(second.mean(dim=(2, 3)))


class Branching(nn.Module):
    """What a forward does with the values of activity cannot be traced."""

    def __init__(self):
        super().__init__()
        self.first, self.relu, self.second = nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.first(x.flatten(1)))
        return self.second(x if x.sum() > 0 else -x)


def test_what_keeps_units_apart_may_lie_between():
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Dropout2d(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(27, 2),
    )
    for site in ("2", "3", "4"):
        assert list(layers_into(model, site)) == ["0"]
        assert list(layers_out_of(model, site)) == ["6"]
    assert layers_into(model, "2")["0"] is model[0]


def test_a_second_nonlinearity_ends_the_search():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Tanh(), nn.Linear(2, 2))
    assert list(layers_into(model, "1")) == ["0"]
    assert layers_into(model, "2") == {}
    assert [(stop.place, stop.lost) for stop in side_into(model, "2").stops] == [("1 (nn.ReLU)", False)]


def test_the_ends_of_the_network_are_named():
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    assert [(stop.place, stop.lost) for stop in side_into(model, "0").stops] == [("the network's input", False)]
    assert [(stop.place, stop.lost) for stop in side_out_of(model, "1").stops] == [("the network's output", False)]


class Swish(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)


def test_a_nonlinearity_of_the_users_own_may_be_the_site_or_lie_between():
    model = nn.Sequential(nn.Linear(2, 3), Swish(), nn.Identity(), nn.Linear(3, 2))
    for site in ("1", "2"):
        assert list(layers_into(model, site)) == ["0"]
        assert list(layers_out_of(model, site)) == ["3"]
    assert list(layers_out_of(model, "0")) == ["3"]
    assert layers_into(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), Swish()), "2") == {}  # the second nonlinearity


def test_a_block_with_weights_is_no_site():
    model = nn.Sequential(nn.Linear(2, 3), nn.TransformerEncoderLayer(3, 1), nn.Linear(3, 2))
    assert side_into(model, "1").layers == {}
    (stop,) = side_into(model, "1").stops
    assert stop.place == "1 (nn.TransformerEncoderLayer)"


def test_residual_sums():
    model = Residual()
    assert list(layers_into(model, "relu2")) == ["conv2", "side"]  # both branches have weights
    assert list(layers_into(model, "relu1")) == ["conv1"]
    assert list(layers_out_of(model, "relu0")) == ["conv1"]  # what the skip carries on is not followed
    assert layers_out_of(model, "relu1") == {}
    assert list(layers_out_of(model, "relu2")) == ["head"]
    assert [(stop.place, stop.lost) for stop in side_out_of(model, "relu1").stops] == [("operator.add", False)]


def test_a_skip_by_concatenation_is_lost():
    class Dense(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.relu, self.conv = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1)
            self.head = nn.Conv2d(6, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = self.relu(self.stem(x))
            return self.head(torch.cat([x, self.conv(x)], 1)).mean((2, 3))

    side = side_out_of(Dense(), "relu")
    assert list(side.layers) == ["conv"]
    assert [(stop.place, stop.lost) for stop in side.stops] == [("torch.cat", True)]


def test_a_network_that_cannot_be_traced_has_no_known_neighbours():
    model = Branching()
    assert layers_into(model, "relu") == {}
    assert layers_out_of(model, "relu") == {}
    (stop,) = side_out_of(model, "relu").stops
    assert stop.lost
    assert stop.place.startswith(
        "`return self.second(x if x.sum() > 0 else -x)` in `forward`, which cannot be traced ("
    )
    assert "the same whatever the values" in stop.advice


def test_what_passes_on_the_shape_alone_reads_no_unit():
    class Viewing(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.relu, self.fc = nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Linear(8, 3)
            self.register_buffer("offset", torch.tensor(2.0))

        def forward(self, x: Tensor) -> Tensor:
            x = self.relu(self.conv(x))
            count, maps = x.shape[0], x.size(1)
            return self.fc(x.view(count, maps * 4) * self.offset)

    side = side_out_of(Viewing(), "relu")
    assert list(side.layers) == ["fc"]
    assert side.stops == ()


@pytest.mark.parametrize("called", [0, 2])
def test_a_module_that_is_not_called_once_has_no_known_neighbours(called):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.relu, self.other = nn.Linear(2, 2), nn.ReLU(), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            for _ in range(called):
                x = self.relu(self.linear(x))
            return self.other(x)

    assert layers_into(Model(), "relu") == {}
    assert layers_into(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), "1") != {}


def test_every_site_of_every_anatomy_has_a_layer_that_drives_it(small_anatomy):
    model = small_anatomy.build((3, 32, 32), 10)
    sites = small_anatomy.sites(model)
    for module in list(sites.values())[:: max(1, len(sites) // 4)]:  # tracing a deep network takes a while
        units = {len(layer.weight) for layer in layers_into(model, module).values()}
        assert len(units) == 1, module
