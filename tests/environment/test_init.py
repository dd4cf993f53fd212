import pytest

from artneuro import registry
from artneuro.environment import Digits, EnvironmentSource, environment
from artneuro.errors import SpecificationError
from artneuro.fields import conform, plain


def test_the_environments_of_the_project_are_registered():
    ours = {name for name, cls in registry.members("environment").items() if cls.__module__.startswith("artneuro.")}
    assert ours == {
        "arrays",
        "cifar10",
        "cifar100",
        "digits",
        "fashion_mnist",
        "image_folder",
        "in_context_regression",
        "mazes",
        "mnist",
        "modular_addition",
        "one_hot",
        "permutation_group",
        "symbolic",
        "two_moons",
        "validation",
    }
    assert all(name in (environment.__doc__ or "") for name in ours)


def test_by_name_as_by_declaration():
    by_name = environment("digits", train_size=50, classes=["3", 5])
    declared = Digits(train_size=50, classes=("3", 5))
    assert by_name.source == declared
    assert by_name.fingerprint == declared.load().fingerprint


def test_the_data_root_is_handed_on(mnist, monkeypatch):
    assert len(environment("mnist", mnist.root).train) == 30
    monkeypatch.setenv("ARTNEURO_DATA", str(mnist.root))
    assert len(environment("mnist", train_size=10).train) == 10


@pytest.mark.parametrize(
    "source",
    [
        {"digits": {"classes": [1, "two"], "held_out": 300}},
        {"cifar10": {"download": True, "grey": True, "normalise": "half"}},
        {"image_folder": {"path": "photographs", "size": 32}},
        {"arrays": {"path": "own.nc"}},
    ],
)
def test_declarations_survive_the_way_through_plain_data(source):
    declared = conform(source, EnvironmentSource)
    assert conform(plain(declared), EnvironmentSource) == declared
    assert source.items() <= {name: {k: v for k, v in given.items() if k in source[name]} for name, given in
                              plain(declared).items()}.items()  # fmt: skip


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("digit", {}, r"environment: required the name of a known environment; came 'digit'. Did you mean \"digits\""),
        ("digits", {"size": 3}, r"environment\.digits\.size: .*unknown name 'size'"),
        ("digits", {"train_size": 0}, r"environment\.digits\.train_size: required a whole number .*>= 1; came 0"),
        ("arrays", {}, r"environment\.arrays\.path: required .*; came nothing"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(name, parameters, message):
    with pytest.raises(SpecificationError, match=message):
        environment(name, **parameters)


def test_several_problems_are_said_at_once():
    with pytest.raises(SpecificationError) as caught:
        environment("digits", train_size=0, normalise="x", nonsense=1)
    assert len(caught.value.problems) == 3
