"""Turnover once: what a subject is like right after units of it were turned over, without any learning."""

import attrs

from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.events import Log
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.stacking import Layout, stack, unstack
from artneuro.rearing.timing import Clock
from artneuro.rearing.tissue import Body, Tissue
from artneuro.rearing.turnover import Turnover
from artneuro.seeds import Stream
from artneuro.subject import Subject


def turned_over(subject: Subject, turnover: Turnover, rng: Stream) -> Subject:
    """Return a subject after one event of a turnover, as it would come in rearing but at once.

    It answers what newborn units do to a network that has had no time to learn with them.

    Parameters
    ----------
    subject : Subject
        It stays as it is.
    turnover : Turnover
        Site, how many units, which, and what becomes of them. When events come, the optimiser's state, and what
        learning or activity is like afterwards play no part.
    rng : Stream
        Randomness of the choice and of the new weights.

    Returns
    -------
    Subject
        Its present weights alone differ. Its history is that of the subject: the event was no part of its life.

    Raises
    ------
    SpecificationError
        Where there is no such site, it has too few units, its weights in and out cannot be found, or the turnover is to
        wake dormant units, of which a reared subject keeps no account.

    Examples
    --------
    >>> import artneuro as an
    >>> subject = an.Subject.naive(an.anatomy("mlp", widths=(16, 16)), an.environment("digits"), seed=0)
    >>> after = turned_over(subject, Turnover(site="hidden2", count=2, every=1), Stream(0).child("test"))
    >>> (after.weights["hidden2.bias"] != subject.weights["hidden2.bias"]).sum().item()
    2
    """
    body = Body(subject.anatomy, subject.environment, subject.model())
    found = list(turnover.unfit(body))
    if turnover.mode == "grow":
        advice = "Replace units, or rear the subject with it."
        found.append(Problem("mode", "replace or prune, for a single event", "'grow'", advice))
    if found:
        raise SpecificationError(problem.within("Turnover") for problem in found)
    layout = Layout.of(body.model)
    parameters, buffers = stack([subject.weights], layout, channels_last=False)
    updates = Juvenile.at_beginning(subject).updates
    memory = {name: tensor.unsqueeze(0) for name, tensor in turnover.memory(body, rng).items()}
    age = Log.of(subject.history).ages(updates).get(turnover.site)
    if age is not None:
        born = memory["born"].new_tensor(age)
        memory["born"][0] = updates - born.clamp(min=0)
        if turnover.mode == "prune":
            memory["dormant"][0] = born < 0
    turnover.event(Tissue(body, parameters, buffers, {}, memory), Clock(subject.age, updates), (rng,), [True])
    weights = unstack(parameters, buffers, layout, 0)
    return attrs.evolve(subject, ages={**subject.ages, subject.age: weights})
