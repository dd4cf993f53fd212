import subprocess
import sys

import pytest

import artneuro as an


@pytest.mark.parametrize("name", an.__all__)
def test_every_public_name_is_there(name):
    assert getattr(an, name) is not None
    assert name in dir(an)


def test_a_wrong_name_is_answered_with_the_valid_ones():
    with pytest.raises(AttributeError, match="LesionStudy"):
        an.LesionStudies  # noqa: B018


def test_rooms_that_can_be_called_are_rooms_still():
    assert an.anatomy("mlp") == an.anatomy.MLP()
    assert an.environment("digits").classes[0] == "0"


def test_every_placement_is_known_where_an_anatomy_is_declared():
    """In a program that has imported nothing else."""
    embedding = {"layers": {"hidden1": {"connectome": {"name": "celegans"}}}}
    of = {"mlp": {"widths": [277]}}
    code = f"import artneuro as an; print(an.anatomy('embedded', of={of}, embedding={embedding}).embedding.layers)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'hidden1': Neurons(name='celegans')}"


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, artneuro; print(sorted({'torch', 'xarray', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
