"""Suitability: whether subjects can live in their environment, and be treated and measured as declared.

It takes naive subjects, hence stimuli: what a study file alone can tell is asked by `Study` itself.
"""

from collections.abc import Iterator, Mapping

import torch

from artneuro import registry
from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.intervention import Modulatory
from artneuro.study.study import Study
from artneuro.subject import Subject


def unsuitable(study: Study, newborn: Mapping[str, Subject]) -> Iterator[Problem]:
    """Yield why the subjects of a study cannot be reared or measured as it declares, with the path in the study.

    Parameters
    ----------
    study : Study
        The declaration.
    newborn : mapping of arm to Subject
        One naive subject of each arm.
    """
    heard: set[Problem] = set()  # arms often share what is wrong
    for label in study.arms:
        for problem in _untreatable(study, label, newborn[label]):
            if problem not in heard:
                heard.add(problem)
                yield problem
    for place, entry in enumerate(study.protocols):
        name = registry.name_of(type(entry.protocol))
        for label in study.measured(entry):
            for refusal in entry.protocol.refusals(newborn[label]):
                problem = refusal.within(f"protocols[{place}].{name}")
                if problem not in heard:
                    heard.add(problem)
                    yield problem


def _untreatable(study: Study, label: str, subject: Subject) -> Iterator[Problem]:
    arm = study.arms[label]
    where = "cohort.anatomy" if arm.anatomy is None else f"cohort.arms.{label}.anatomy"
    try:
        environment = subject.environment
        with torch.no_grad():
            subject.model()(environment.present(environment.test.images[:2]))
    except RuntimeError as error:  # torch's own: a kernel larger than the image, for one
        shape = " x ".join(map(str, subject.environment.shape))
        advice = "Choose another anatomy, or an environment with other stimuli."
        yield Problem(where, f"an anatomy for stimuli of {shape}", str(error).partition("\n")[0], advice)
        return
    sites = tuple(subject.sites())
    for place, intervention in enumerate(arm.interventions):
        if isinstance(intervention, Modulatory):
            name = registry.name_of(type(intervention))
            try:
                intervention.acts_at(sites)
            except SpecificationError as error:
                for problem in error.problems:
                    yield problem.within(f"cohort.arms.{label}[{place}].{name}")
