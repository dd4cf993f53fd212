"""What holds for every anatomy."""

import json

import pytest
import torch
from torch import nn

from artneuro import registry
from artneuro.anatomy import Anatomy, DeepLinear, MorcosCNN, anatomy
from artneuro.anatomy.cut import cut
from artneuro.anatomy.recording import record_activity
from artneuro.errors import SpecificationError
from artneuro.fields import conform, plain
from artneuro.seeds import Stream

SHAPES = [(1, 28, 28), (3, 32, 32), (1, 8, 8)]


@pytest.mark.parametrize("shape", SHAPES)
def test_stimuli_of_every_size_become_logits(small_anatomy, shape, stimuli):
    model = small_anatomy.build(shape, classes=7).eval()

    assert model(stimuli(2, *shape)).shape == (2, 7)


def test_activity_at_every_site_is_after_the_nonlinearity(small_anatomy, lived, stimuli):
    model = lived(small_anatomy.build((1, 8, 8), classes=7))

    sites = small_anatomy.sites(model)
    if isinstance(small_anatomy, DeepLinear):
        assert [name for name, module in model.named_modules() if isinstance(module, nn.ReLU)] == []
        return  # it has none
    activity = record_activity(model, sites, stimuli(16, 1, 8, 8))

    relus = [name for name, module in model.named_modules() if isinstance(module, nn.ReLU)]
    assert sorted(sites.values()) == sorted(relus)
    assert [name for name in sites if activity[name].min() < 0 or activity[name].max() == 0] == []


def test_sites_go_from_input_to_output(small_anatomy, stimuli):
    model = small_anatomy.build((1, 8, 8), classes=7).eval()
    called = []
    for name, module in model.named_modules():
        module.register_forward_hook(lambda *_, name=name: called.append(name))

    model(stimuli(1, 1, 8, 8))

    sites = list(small_anatomy.sites(model).values())
    assert sites == [name for name in called if name in sites]


def test_a_cut_at_every_site_gives_the_bits_of_the_whole(small_anatomy, lived, stimuli):
    model = lived(small_anatomy.build((3, 8, 8), classes=7))
    x = stimuli(5, 3, 8, 8)

    with torch.no_grad():
        for module in small_anatomy.sites(model).values():
            halves = cut(model, module, x)
            activity, carried = halves.before(x)

            assert halves.partial
            assert torch.equal(activity, record_activity(model, {"site": module}, x)["site"])
            assert torch.equal(halves.after(activity, carried), model(x))


def test_the_seed_alone_decides_the_initial_weights(small_anatomy):
    def born(seed):
        with Stream(seed).initialising():
            return torch.cat([p.detach().flatten() for p in small_anatomy.build((1, 8, 8), 7).parameters()])

    assert torch.equal(born(0), born(0))
    assert not torch.equal(born(0), born(1))


def test_a_declaration_survives_the_round_trip_through_text(small_anatomy):
    text = json.dumps(plain(small_anatomy))

    assert conform(json.loads(text), Anatomy) == small_anatomy


def test_dropout_is_a_module_behind_the_site():
    for name in ("mlp", "tran_cnn", "simple_cnn", "morcos_cnn", "all_cnn", "resnet18", "depth_cnn", "achille_mlp"):
        model = anatomy(name, dropout=0.25).build((1, 8, 8), 10)
        drops = [module for module in model.modules() if isinstance(module, nn.Dropout)]

        assert {module.p for module in drops} == {0.25}, name
        assert not [m for m in anatomy(name).build((1, 8, 8), 10).modules() if isinstance(m, nn.Dropout)], name


def test_a_layer_with_batch_norm_has_no_bias():
    with_norm = anatomy("mlp", batch_norm=True).build((1, 8, 8), 10)

    assert with_norm.hidden1.bias is None
    assert with_norm.output.bias is not None


def test_an_unknown_anatomy_answers_with_the_nearest():
    with pytest.raises(SpecificationError, match='Did you mean "morcos_cnn"'):
        anatomy("morcos_cn")


def test_an_unknown_parameter_answers_with_the_nearest():
    with pytest.raises(SpecificationError, match=r'morcos_cnn\.widht: .*Did you mean "width"'):
        anatomy("morcos_cnn", widht=2)


def test_anatomy_is_the_class_with_its_parameters():
    assert anatomy("morcos_cnn", width=0.5) == MorcosCNN(width=0.5)


def test_every_registered_anatomy_is_tested_here():
    tested = {"mlp", "tran_cnn", "simple_cnn", "morcos_cnn", "all_cnn", "resnet18"}
    tested |= {"achille_mlp", "deep_linear", "depth_cnn"}
    elsewhere = {"module", "embedded", "recurrent", "token_mlp", "transformer"}  # in files of their own
    ours = {name for name, cls in registry.members("anatomy").items() if cls.__module__.startswith("artneuro.")}
    assert ours == tested | elsewhere
