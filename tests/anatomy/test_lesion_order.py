import pytest
import torch

from artneuro.anatomy.lesion_order import lesion_orders, random_orders, ranked
from artneuro.errors import SpecificationError
from artneuro.seeds import Stream


def test_equals_keep_the_order_of_their_numbers_both_ways():
    values = torch.tensor([0.5, 0.0, 0.5, 0.0, 1.0] * 10)
    down, up = ranked(values, ascending=False), ranked(values, ascending=True)
    expected = sorted(range(50), key=lambda unit: (-values[unit], unit))
    assert down.tolist() == expected
    assert up.tolist() == sorted(range(50), key=lambda unit: (values[unit], unit))


def test_random_orders_are_permutations_of_their_own_streams():
    orders = random_orders(40, 3, Stream(5).child("order"))
    for repeat, order in enumerate(orders):
        assert order.tolist() == Stream(5).child("order", repeat).numpy().permutation(40).tolist()
    assert not torch.equal(orders[0], orders[1])


def test_given_units_come_first_and_the_rest_follows():
    found = lesion_orders(["given"], {}, total=6, ascending=False, given=[4, 1], repeats=2, stream=Stream(0))
    assert [order.tolist() for order in found["given"]] == [[4, 1, 0, 2, 3, 5]]


def test_a_missing_measure_is_refused_with_the_reason():
    units = {"selectivity": torch.tensor([0.5, torch.nan])}
    with pytest.raises(
        SpecificationError, match=r"order them by selectivity; came 1 of 2 units without.*activity >= 0"
    ):
        lesion_orders(["selectivity"], units, total=2, ascending=True, given=[], repeats=1, stream=Stream(0))
