"""Can subjects grow up like this? Asked before any of them does."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from artneuro.anatomy.recording import record_activity
from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.intervention import Instructive, Intervention
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.modulation import Modulation, set_mode
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock
from artneuro.rearing.tissue import Body
from artneuro.subject import Subject


def units_of(model: nn.Module, modulations: Sequence[Modulation], subject: Subject) -> dict[str, tuple[int, ...]]:
    """Return the shape of one stimulus' activity at every module that may be modulated.

    Raises
    ------
    SpecificationError
        Where a module's output is ambiguous, or an intervention does not fit the activity.
    """
    dtype = next(model.parameters()).dtype
    two = subject.environment.present(subject.environment.train.images[:2], dtype=dtype)
    names = {each.module: each.module for each in modulations}
    with torch.no_grad():
        activity = record_activity(model.eval(), names, two)
    units = {name: tuple(tensor.shape[1:]) for name, tensor in activity.items()}
    found: list[Problem] = []
    for each in modulations:
        generator = each.generator(subject.stream, 0, True, two.device)
        try:
            each.intervention.draw((2, *units[each.module]), Clock(0, 0), generator)
        except SpecificationError as error:
            where = f"interventions[{each.place}].{type(each.intervention).__name__}"
            found += [problem.within(where) for problem in error.problems]
    if found:
        raise SpecificationError(found)
    return units


def unanswerable(rearing: Rearing, subject: Subject) -> Iterator[Problem]:
    """Yield why a subject's answers cannot be judged by the loss of a rearing."""
    if rearing.loss == "cross_entropy" and not subject.environment.classes:
        advice = "What is to be learnt here are values: set `loss: mean_square`."
        yield Problem("Rearing.loss", "mean_square, where targets are values", rearing.loss, advice)
    before = subject.rearing
    if before is not None and before.loss != rearing.loss:
        advice = "Its history could not hold both."
        yield Problem("Rearing.loss", f"the loss that the subject was reared with, {before.loss}", rearing.loss, advice)


def inapplicable(interventions: Sequence[Intervention], rearing: Rearing, subject: Subject) -> Iterator[Problem]:
    """Yield why interventions cannot be done to a subject: they would never act, or do not fit it or where it lives."""
    end = subject.age + rearing.epochs
    body = Body(subject.anatomy, subject.environment, subject.model().to(rearing.dtype))
    begin = Clock(subject.age, Juvenile.at_beginning(subject).updates)
    for place, intervention in enumerate(interventions):
        where = f"interventions[{place}].{type(intervention).__name__}"
        window = intervention.window
        if window.onset > subject.age and window.onset >= end:
            advice = "It would never act: choose an earlier onset, rear for longer, or leave the intervention out."
            yield Problem(
                f"{where}.window.onset", f"an epoch before the rearing ends, at {end}", str(window.onset), advice
            )
        if isinstance(intervention, Instructive) and not subject.environment.classes:
            advice = "It gives stimuli other classes; leave it out."
            yield Problem(where, "an environment whose targets are classes", "one whose targets are values", advice)
            continue
        yield from (problem.within(where) for problem in intervention.refusals(subject.environment))
        yield from (problem.within(where) for problem in intervention.misfits(body, rearing, begin))


def unsuitable(model: nn.Module, rearing: Rearing, subject: Subject) -> Iterator[Problem]:
    """Yield why a network cannot be trained as declared: its forward pass is tried, with the smallest batch."""
    trained = {name: own.dtype for name, own in model.named_parameters() if own.requires_grad}
    kinds = {
        subject.weights[name].dtype for name in trained
    }  # the model may be in the precision of the rearing already
    if kinds not in ({torch.float32}, {torch.float64}):
        came = ", ".join(sorted(map(str, kinds))) or "nothing to train"
        yield Problem("anatomy", "weights to train, in float32", came, "Other precision is declared in the rearing.")
        return
    environment = subject.environment
    count = len(environment.train)
    sizes = {min(rearing.batch, count), count % rearing.batch or rearing.batch}
    smallest = min(sizes)
    stimuli = environment.present(environment.train.images[:smallest], dtype=next(iter(trained.values())))
    set_mode(model, training=True)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        before = torch.get_rng_state()
        try:
            model(stimuli)
        except ValueError as error:  # batch norm of a single value, for one
            advice = f"{count} stimuli in batches of {rearing.batch} leave one of {smallest}: choose another batch."
            yield Problem("Rearing.batch", "batches that the anatomy can be trained on", str(error), advice)
            return
        if not torch.equal(before, torch.get_rng_state()):
            advice = "Use torch's nn.Dropout layers, or declare an intervention: their draws belong to the subject."
            yield Problem("anatomy", "a forward pass without randomness of its own", "one that draws numbers", advice)
