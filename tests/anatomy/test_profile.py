import numpy as np
import pytest
import torch
from torch import nn

from artneuro.anatomy import anatomy
from artneuro.anatomy.exposure import Opened
from artneuro.anatomy.preparation import Preparation, deal
from artneuro.anatomy.profile import Profile
from artneuro.seeds import Stream


def profile_of(model, module, images, targets, classes=3, block=16):
    opened = Opened.at(model, {"site": module}, images[:2])
    blocks = deal(len(images), block, Stream(0))
    there = Preparation(opened.expose, lambda numbers: images[numbers], blocks, targets, classes)
    with torch.no_grad():
        return Profile.of(there, model, module, bins=4)


@pytest.fixture
def convolutional(lived, stimuli):
    made = anatomy("tran_cnn", channels=(4, 5, 6), widths=(11, 10, 9))
    model = lived(made.build((3, 16, 16), 3))
    return model, made.sites(model), stimuli(70, 3, 16, 16), torch.arange(70) % 3


@pytest.mark.parametrize("site", ["conv3", "hidden2"])
def test_equals_a_computation_by_numpy(convolutional, site):
    model, sites, images, targets = convolutional
    found = profile_of(model, sites[site], images, targets)
    seen = []
    handle = model.get_submodule(sites[site]).register_forward_hook(lambda m, i, o: seen.append(o.double().numpy()))
    with torch.no_grad():
        model(images)
    handle.remove()
    activity = seen[0].reshape(70, seen[0].shape[1], -1)
    # activity is float32, in blocks of another size than here
    np.testing.assert_allclose(found.mean_activity, activity.mean(axis=(0, 2)), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(found.deviation, activity.std(axis=(0, 2)), rtol=1e-5, atol=1e-7)
    assert found.alive.tolist() == (activity != 0).any(axis=(0, 2)).tolist()
    means = np.stack([activity.mean(axis=2)[targets == c].mean(axis=0) for c in range(3)])
    best = means.max(axis=0)
    rest = (means.sum(axis=0) - best) / 2
    expected = np.divide(best - rest, best + rest, out=np.zeros_like(best), where=best > 0)  # silent: 0
    np.testing.assert_allclose(found.selectivity, expected, rtol=1e-4, atol=1e-6)
    alive = found.alive.numpy()
    assert found.preferred_class.numpy()[alive].tolist() == means.argmax(axis=0)[alive].tolist()
    assert (found.incoming_norm > 0).all()
    assert (found.outgoing_norm > 0).all()


def test_dead_units():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3)).eval()
    with torch.no_grad():
        model[1].bias[1], model[1].weight[1] = -1.0, 0.0
    found = profile_of(model, "2", torch.randn(30, 1, 2, 2), torch.arange(30) % 3)
    assert not found.alive[1]
    assert found.selectivity[1] == 0
    assert found.preferred_class[1] == -1
    assert found.mutual_information[1] == 0
    assert found.deviation[1] == 0


def test_signed_activity_has_no_selectivity_but_all_else():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 3)).eval()
    found = profile_of(model, "2", torch.randn(30, 1, 2, 2) + 1, torch.arange(30) % 3)
    assert found.selectivity.isnan().all()
    assert found.mutual_information.isfinite().all()
    assert found.alive.all()


def test_norms_are_missing_where_layers_cannot_be_told():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Softplus(), nn.Softmax(1), nn.Linear(3, 3)).eval()
    found = profile_of(model, "2", torch.randn(30, 1, 2, 2), torch.arange(30) % 3)
    np.testing.assert_allclose(found.incoming_norm, model[1].weight.detach().abs().sum(dim=1), rtol=1e-6)
    assert found.outgoing_norm.isnan().all()


def test_both_branches_of_a_residual_sum_count(lived, stimuli):
    made = anatomy("resnet18")
    model = lived(made.build((3, 8, 8), 3))
    found = profile_of(model, made.sites(model)["block3"], stimuli(6, 3, 8, 8), torch.arange(6) % 3)
    block = model.layer2[0]
    expected = sum(layer.weight.detach().abs().sum(dim=(1, 2, 3)) for layer in (block.conv2, block.downsample[0]))
    torch.testing.assert_close(found.incoming_norm, expected)
