import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.study.device import usable


def test_the_cpu_is_usable():
    assert usable("cpu") is None


@pytest.mark.parametrize("name", ["abacus", "", "cpu:x", "xla", "cuda:99"])
def test_what_is_not_there_is_refused_with_what_is(name):
    with pytest.raises(SpecificationError, match="Usable: cpu") as raised:
        usable(name)
    assert repr(name) in str(raised.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_a_gpu_that_is_not_there_is_refused():
    with pytest.raises(SpecificationError, match="'cuda'"):
        usable("cuda")
