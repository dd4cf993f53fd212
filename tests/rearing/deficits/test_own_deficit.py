"""A deficit of the user's own."""

import json

import pytest
import torch

from artneuro.errors import RecordError, SpecificationError
from artneuro.fields import conform
from artneuro.rearing import Clock, OwnDeficit, Rearing, VerticalFlip, Window, deficit_of
from artneuro.rearing.deficits import own_deficit
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.rear import rear, rear_litter
from artneuro.seeds import Stream
from artneuro.subject import Subject


def upside_down(stimuli):
    return stimuli.flip(-2)


def snow(stimuli, clock, streams, presentation, sd=1.0):
    flakes = [torch.randn(stimuli.shape[1:], generator=stream.child(clock.step).torch()) for stream in streams]
    return presentation.stimuli(presentation.pixels(stimuli) + sd * torch.stack(flakes))


def cropped(stimuli):
    return stimuli[..., 1:]


def doubled(stimuli):
    return stimuli.double()


def listed(stimuli):
    return stimuli.tolist()


def broken(stimuli):
    raise RuntimeError("no eyes")


def test_it_does_what_the_function_does(naive, few, same):
    (subject,) = naive("mlp", widths=(8,))
    adults = [rear(subject, few, Rearing(epochs=2), [one]) for one in (deficit_of(upside_down), VerticalFlip())]
    assert same(adults[0].weights, adults[1].weights)


def test_it_is_given_what_it_asks_for_by_name(presentation, pixels):
    stimuli, streams, shown = pixels(2, 3, 1, 4, 4), (Stream(0), Stream(1)), presentation(1)
    seen = deficit_of(snow, parameters={"sd": 0.5}).perceive(stimuli, Clock(0, 4), streams, shown)
    assert torch.equal(seen, snow(stimuli, Clock(0, 4), streams, shown, sd=0.5))


def test_alone_or_in_a_litter_a_subject_grows_up_the_same(naive, few, same):
    litter = naive("mlp", seeds=(0, 1), widths=(8,))
    treatment = [deficit_of(snow, when="before", window=Window(offset=1))]
    together = rear_litter(litter, Rearing(epochs=2), treatment)
    assert same(together[1].weights, rear(litter[1], few, Rearing(epochs=2), treatment).weights)


def test_a_declaration_survives_the_round_trip_through_text():
    own = deficit_of(snow, parameters={"sd": 2}, when="before")
    assert conform(json.loads(json.dumps(own.named())), Intervention) == own
    assert own.stage() == "before"
    assert own != deficit_of(snow, when="before")


def test_a_subject_that_grew_up_with_it_is_saved_and_loaded(tmp_path, naive, few, monkeypatch):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(subject, few, Rearing(epochs=1), [deficit_of(upside_down)])
    adult.save(tmp_path)
    assert Subject.load(tmp_path, few).interventions == adult.interventions
    monkeypatch.setattr(own_deficit, "_handed_over", {})  # as in another session
    with pytest.raises(RecordError, match=r"cannot be made.*call `an.deficit_of\(upside_down\)` first"):
        Subject.load(tmp_path, few)


def test_a_study_file_cannot_name_code():
    declared = {"OwnDeficit": {"function": "os:system", "source": "0" * 16}}
    with pytest.raises(SpecificationError, match="required code handed over with `deficit_of` in this session"):
        conform(declared, Intervention)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (cropped, r"came torch.float32 of shape \(1, 2, 3, 8, 7\)"),
        (doubled, r"came torch.float64 of shape \(1, 2, 3, 8, 8\)"),
        (listed, "came list"),
        (broken, "came RuntimeError: no eyes"),
    ],
)
def test_a_function_that_does_not_give_stimuli_is_refused_before_rearing(naive, few, function, words):
    (subject,) = naive("mlp", widths=(8,))
    with pytest.raises(SpecificationError, match=rf"interventions\[0\].OwnDeficit.function: required .*{words}"):
        rear(subject, few, Rearing(epochs=1), [deficit_of(function)])


def test_what_is_no_function_and_parameters_it_does_not_take_are_refused():
    with pytest.raises(SpecificationError, match="function: required a function"):
        deficit_of(torch.nn.Flatten())
    with pytest.raises(SpecificationError, match="parameters: required what .*snow.* takes"):
        deficit_of(snow, parameters={"sdd": 1})


def test_it_is_a_specification_like_any_other():
    assert isinstance(deficit_of(upside_down), OwnDeficit)
