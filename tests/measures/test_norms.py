import pytest
import torch
from torch import nn

from artneuro.measures.norms import incoming_norm, outgoing_norm


def test_linear():
    layer = nn.Linear(3, 2)
    layer.weight.data = torch.tensor([[1.0, -2.0, 0.0], [0.5, 0.0, -0.25]])
    assert incoming_norm(layer).tolist() == [3.0, 0.75]
    assert outgoing_norm(layer, units=3).tolist() == [1.5, 2.0, 0.25]


def test_convolution_sums_over_the_kernel():
    layer = nn.Conv2d(2, 3, kernel_size=3)
    expected_in = [layer.weight[u].abs().sum().item() for u in range(3)]
    expected_out = [layer.weight[:, u].abs().sum().item() for u in range(2)]
    assert incoming_norm(layer).tolist() == pytest.approx(expected_in, rel=1e-5)  # float32 sums of 18
    assert outgoing_norm(layer, units=2).tolist() == pytest.approx(expected_out, rel=1e-5)


def test_a_grouped_convolution_equals_the_convolution_with_zeros_between_groups():
    grouped = nn.Conv2d(4, 6, kernel_size=1, groups=2, bias=False)
    whole = nn.Conv2d(4, 6, kernel_size=1, bias=False)
    whole.weight.data.zero_()
    whole.weight.data[:3, :2] = grouped.weight[:3]
    whole.weight.data[3:, 2:] = grouped.weight[3:]
    torch.testing.assert_close(outgoing_norm(grouped, units=4), outgoing_norm(whole, units=4))
    torch.testing.assert_close(incoming_norm(grouped), incoming_norm(whole))


def test_through_flatten_each_map_has_its_own_columns():
    layer = nn.Linear(2 * 9, 4)
    maps = torch.zeros(2, 2, 3, 3)
    maps[0, 0], maps[1, 1] = 1.0, 1.0  # one map alone, as a network flattens it
    expected = (maps.flatten(1) @ layer.weight.detach().abs().T).sum(dim=1)
    torch.testing.assert_close(outgoing_norm(layer, units=2), expected)


def test_relabelling_hidden_units_permutes_both_norms():
    into, out_of, order = nn.Linear(5, 6), nn.Linear(6, 4), torch.randperm(6)
    before = incoming_norm(into), outgoing_norm(out_of, units=6)
    into.weight.data, out_of.weight.data = into.weight.data[order], out_of.weight.data[:, order]
    assert torch.equal(incoming_norm(into), before[0][order])
    assert torch.equal(outgoing_norm(out_of, units=6), before[1][order])


def test_a_layer_that_does_not_read_the_units_is_refused():
    with pytest.raises(ValueError, match="multiple of 4; came 6"):
        outgoing_norm(nn.Linear(6, 2), units=4)
    with pytest.raises(ValueError, match="reads 4 maps; came one that reads 3"):
        outgoing_norm(nn.Conv2d(3, 2, 1), units=4)
