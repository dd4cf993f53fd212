import pytest
import torch

from artneuro.anatomy.lesion import fold, lesion_connections
from artneuro.errors import SpecificationError

NOTHING = torch.tensor(0.0)


@pytest.fixture
def masks():
    generator = torch.Generator().manual_seed(2)
    return torch.cat([torch.zeros(1, 4, dtype=torch.bool), torch.rand(3, 4, generator=generator) < 0.5])


@pytest.mark.parametrize("place", [(), (3, 2)])
@pytest.mark.parametrize("kind", ["number", "unit", "unit and place", "lesion and stimulus"])
def test_clamped_units_are_filled_and_the_others_untouched(place, kind, masks, stimuli):
    activity = stimuli(5, 4, *place)
    filling = {
        "number": torch.tensor(7.0),
        "unit": torch.arange(4.0),
        "unit and place": stimuli(4, *place),
        "lesion and stimulus": stimuli(4, 5, 4, *place),
    }[kind]

    folded = fold(activity, masks, filling).unflatten(0, (4, 5))

    for lesion in range(4):
        for stimulus in range(5):
            for unit in range(4):
                fill = {
                    "number": filling,
                    "unit": filling[unit] if kind == "unit" else None,
                    "unit and place": filling[unit] if kind == "unit and place" else None,
                    "lesion and stimulus": filling[lesion, stimulus, unit] if kind == "lesion and stimulus" else None,
                }[kind]
                expected = fill if masks[lesion, unit] else activity[stimulus, unit]
                assert torch.equal(folded[lesion, stimulus, unit], expected.expand(place)), (lesion, stimulus, unit)


def test_a_sham_lesion_gives_the_activity_bit_for_bit(stimuli):
    activity = stimuli(5, 4, 3, 2)
    activity[0, 0] = -0.0

    sham = fold(activity, torch.zeros(1, 4, dtype=torch.bool), torch.tensor(torch.nan))

    assert sham.numpy().tobytes() == activity.numpy().tobytes()


def test_the_memory_format_is_that_of_the_activity(masks, stimuli):
    rows = stimuli(5, 4, 3, 2)
    pixels = rows.to(memory_format=torch.channels_last)

    for filling in (NOTHING, stimuli(4, 5, 4, 3, 2)):
        assert fold(pixels, masks, filling).is_contiguous(memory_format=torch.channels_last)
        assert fold(rows, masks, filling).is_contiguous()


@pytest.mark.parametrize(
    ("mask", "filling", "words"),
    [
        (torch.zeros(2, 3, dtype=torch.bool), NOTHING, r"\(lesion, unit\) with 4 units, bool; came \(2, 3\)"),
        (torch.zeros(2, 4), NOTHING, r"bool; came \(2, 4\), torch.float32"),
        (torch.zeros(2, 4, dtype=torch.bool), torch.zeros(5), r"filling: required .*\(4,\).*; came \(5,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(mask, filling, words, stimuli):
    with pytest.raises(SpecificationError, match=words):
        fold(stimuli(5, 4), mask, filling)


def test_cut_connections_are_zero_and_the_intact_weights_stay():
    weights = {"a": torch.ones(2, 2), "b": torch.ones(3)}

    lesioned = lesion_connections(weights, "a", torch.tensor([[True, False], [False, True]]))

    assert torch.equal(lesioned["a"], torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    assert torch.equal(weights["a"], torch.ones(2, 2))
    assert lesioned["b"] is weights["b"]


def test_wrong_names_and_masks_of_connections_are_refused():
    weights = {"fc1.weight": torch.ones(2, 2)}
    with pytest.raises(SpecificationError, match=r'Did you mean "fc1\.weight"'):
        lesion_connections(weights, "fc.weight", torch.ones(2, 2, dtype=torch.bool))
    with pytest.raises(SpecificationError, match=r"shape \(2, 2\), bool; came \(2,\)"):
        lesion_connections(weights, "fc1.weight", torch.ones(2, dtype=torch.bool))
