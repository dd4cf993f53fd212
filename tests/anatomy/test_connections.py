import pytest
import torch

from artneuro.anatomy import anatomy
from artneuro.anatomy.connections import Afferents
from artneuro.anatomy.neighbours import layers_into


@pytest.fixture(params=["hidden2", "conv4", "inner"])
def driven(request, sensitive, residual, stimuli):
    made = anatomy("tran_cnn", channels=(4, 5, 6), widths=(11, 10, 9), batch_norm=True)
    if request.param == "inner":
        model, site = sensitive(residual), "relu1"
    else:
        model = sensitive(made.build((3, 16, 16), 10))
        site = made.sites(model)[request.param]
    x = stimuli(8, 3, 16, 16)
    ((name, layer),) = layers_into(model, site).items()
    with torch.no_grad():
        yield model, name, layer, x, Afferents.of(model, layer, name, x).expose(x)


def test_cut_connections_equal_a_network_with_these_weights_at_zero(driven):
    model, _, layer, x, drive = driven
    intact = layer.weight.clone()
    order = torch.randperm(intact.numel())
    before = model(x)
    counts = [intact.numel() // 10, intact.numel() // 2, intact.numel()]
    found = drive.nested(order, counts)
    for logits, count in zip(found, counts, strict=True):
        layer.weight.view(-1)[order[:count]] = 0.0
        assert (model(x) - before).abs().max() > 1e-4  # else equality would say little
        torch.testing.assert_close(logits, model(x), atol=1e-5, rtol=1e-5)  # another order of float32 sums
        layer.weight.copy_(intact)


def test_no_cut_gives_the_intact_logits_bit_for_bit_and_nothing_changes(driven):
    model, name, layer, x, drive = driven
    before, weight = model(x), layer.weight.clone()
    assert torch.equal(drive.nested(torch.randperm(layer.weight.numel()), [0, 5])[0], before)
    assert torch.equal(model(x), before)
    assert torch.equal(layer.weight, weight)
    assert not model.get_submodule(name)._forward_hooks
    assert drive.nbytes >= drive.received.nbytes + (x.nbytes if name == "conv1" else 0)  # the skip is carried
