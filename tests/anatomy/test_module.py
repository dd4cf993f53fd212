import json
import sys

import pytest
import torch
from torch import nn

from artneuro.anatomy import Anatomy, Module, anatomy_of, module
from artneuro.environment import environment
from artneuro.errors import RecordError, SpecificationError
from artneuro.fields import conform, plain
from artneuro.subject import Subject


class Fixed(nn.Module):
    """A network that knows its stimuli by itself."""

    def __init__(self):
        super().__init__()
        self.fc1, self.relu, self.fc2 = nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 3)

    def forward(self, x):
        return self.fc2(self.relu(self.fc1(x.flatten(1))))


class Fitted(nn.Module):
    """A network that asks for the shape of stimuli, the classes and more."""

    def __init__(self, classes, shape, widths=(5,), frozen=False):
        super().__init__()
        channels, height, width = shape
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(channels * height * width, widths[0]), nn.ReLU())
        self.out = nn.Linear(widths[0], classes)
        if frozen:
            self.layers.eval()

    def forward(self, x):
        return self.out(self.layers(x))


class Child(Fixed):
    pass


def lazy(classes):
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(5), nn.ReLU(), nn.Linear(5, classes))


def makes_a_list():
    return []


SITES = {"hidden": "relu"}


def test_a_class_without_arguments_will_do(stimuli):
    own = anatomy_of(Fixed, sites=SITES)

    model = own.build((1, 4, 4), 3)

    assert isinstance(model, Fixed)
    assert own.sites(model) == {"hidden": "relu"}
    assert model.training  # as a network is at birth


def test_shape_classes_and_parameters_are_handed_over_by_name():
    own = anatomy_of(Fitted, sites={"hidden": "layers.2"}, parameters={"widths": (7,)})

    model = own.build((2, 3, 4), 6)

    assert (model.layers[1].in_features, model.layers[1].out_features, model.out.out_features) == (24, 7, 6)


def test_a_function_and_lazy_layers_will_do():
    own = anatomy_of(lazy, sites={"hidden": "2"})

    assert own.build((1, 4, 4), 3)[1].weight.shape == (5, 16)


def test_modules_that_the_user_put_in_evaluation_stay_so():
    model = anatomy_of(Fitted, sites={"hidden": "layers.2"}, parameters={"frozen": True}).build((1, 4, 4), 3)

    assert (model.training, model.layers.training, model.layers[2].training) == (True, False, False)


def test_a_declaration_survives_the_round_trip_through_text():
    own = anatomy_of(Fitted, sites={"hidden": "layers.2"}, parameters={"widths": (7,)})

    again = conform(json.loads(json.dumps(plain(own))), Anatomy)

    assert again == own
    assert again.build((1, 4, 4), 3).layers[1].out_features == 7


def test_identity_is_name_source_sites_and_parameters():
    own = anatomy_of(Fitted, sites={"hidden": "layers.2"})

    assert own == anatomy_of(Fitted, sites={"hidden": "layers.2"})
    assert own.network.endswith("test_module:Fitted")
    assert own != anatomy_of(Fitted, sites={"other": "layers.2"})
    assert own != anatomy_of(Fitted, sites={"hidden": "layers.2"}, parameters={"widths": [6]})
    assert own.source != anatomy_of(Fixed, sites=SITES).source


def test_a_change_of_the_source_or_of_a_base_is_another_identity(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    text = "from torch import nn\nclass Base(nn.Module):\n    scale = {}\nclass Net(Base):\n    size = {}\n"
    sources = []
    for number, values in enumerate([(1, 1), (1, 1), (2, 1), (1, 2)]):
        (tmp_path / f"own_net_{number}.py").write_text(text.format(*values))
        written = __import__(f"own_net_{number}")
        sources.append(anatomy_of(written.Net, sites=SITES).source)

    assert sources[0] == sources[1]
    assert len(set(sources)) == 3


def test_a_network_without_source_is_known_by_its_compiled_code():
    def compiled(expression):
        names = {"nn": nn, "__name__": "prompt"}
        exec(f"class Net(nn.Module):\n    def forward(self, x):\n        return (lambda y: {expression})(x)\n", names)
        return anatomy_of(names["Net"], sites=SITES).source

    assert compiled("y + 1") == compiled("y + 1")
    assert len({compiled(expression) for expression in ("y + 1", "y + 2", "y - 1", "y.tanh()", "y.relu()")}) == 5


def test_a_network_nobody_handed_over_is_refused_and_its_module_not_imported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "trap.py").write_text("raise SystemExit('code ran')\n")
    declared = {"module": {"network": "trap:Net", "source": "0" * 16, "places": {"hidden": "relu"}}}

    with pytest.raises(SpecificationError, match=r"'trap:Net', which was not\. .*an\.anatomy_of\(Net, sites=\.\.\.\)"):
        conform(declared, Anatomy)
    assert "trap" not in sys.modules


def test_a_network_that_changed_since_is_refused():
    own = anatomy_of(Fixed, sites=SITES)

    with pytest.raises(SpecificationError, match="whose source has changed since"):
        Module(network=own.network, source="0" * 16, places=SITES)


def test_a_subject_with_the_users_own_network_is_saved_and_loaded(tmp_path, monkeypatch):
    digits = environment("digits")
    own = anatomy_of(Fitted, sites={"hidden": "layers.2"}, parameters={"widths": (7,)})
    subject = Subject.naive(own, digits, seed=3)
    subject.save(tmp_path)

    again = Subject.load(tmp_path, digits)

    assert (again.anatomy, again.fingerprint, again.sites()) == (own, subject.fingerprint, {"hidden": "layers.2"})
    x = digits.present(digits.test.images[:4])
    assert torch.equal(again.model()(x), subject.model()(x))
    monkeypatch.setattr(module, "_handed_over", {})  # as in another session
    with pytest.raises(RecordError, match=r"cannot be made.*call `an\.anatomy_of\(Fitted, sites=\.\.\.\)` first"):
        Subject.load(tmp_path, digits)


def test_twins_of_the_users_own_network_have_the_same_weights():
    digits = environment("digits")
    own = anatomy_of(lazy, sites={"hidden": "2"})

    prints = [Subject.naive(own, digits, seed=seed).fingerprint for seed in (0, 0, 1)]

    assert prints[0] == prints[1] != prints[2]


def test_a_wrong_module_name_answers_with_the_nearest():
    own = anatomy_of(Fixed, sites={"hidden": "relo"})

    with pytest.raises(SpecificationError, match=r'sites\.hidden: .*came \'relo\'\. Did you mean "relu"'):
        own.sites(own.build((1, 4, 4), 3))


@pytest.mark.parametrize(
    ("shape", "classes", "words"),
    [((1, 5, 5), 3, "RuntimeError: .*cannot be multiplied"), ((1, 4, 4), 9, r"\(batch, 9\); came logits \(2, 3\)")],
)
def test_a_network_that_does_not_fit_its_environment_is_refused(shape, classes, words):
    with pytest.raises(SpecificationError, match=words):
        anatomy_of(Fixed, sites=SITES).build(shape, classes)


def test_a_function_that_makes_no_network_is_refused():
    with pytest.raises(SpecificationError, match="came list"):
        anatomy_of(makes_a_list, sites=SITES).build((1, 4, 4), 3)


def test_instances_and_parameters_that_no_record_can_hold_are_refused():
    with pytest.raises(SpecificationError, match="Hand over the class"):
        anatomy_of(Fixed(), sites=SITES)
    with pytest.raises(SpecificationError, match="parameters: required numbers, text"):
        anatomy_of(Fitted, sites=SITES, parameters={"widths": torch.ones(1)})
    with pytest.raises(SpecificationError, match=r"what .*:Fitted\(classes, .* takes; came .*'width'"):
        anatomy_of(Fitted, sites=SITES, parameters={"width": 3})
    with pytest.raises(SpecificationError, match="not empty"):
        anatomy_of(Fixed, sites={})
