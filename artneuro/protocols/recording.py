"""Recording: the activity of a subject's units for a sample of stimuli, to be analysed by other means."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, final

import xarray as xr

from artneuro.anatomy.sites import resolve_sites
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.recording import ACTIVITY, Pool, When, record
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject


@final
@register("Recording")
@define_spec
class Recording(Assay):
    """Record the activity of every unit, for stimuli that are the same for all subjects.

    The record holds all subjects in memory. What is larger is streamed to a file, a subject at a time, by
    `artneuro.recording.record`, which also takes images that belong to no environment.
    """

    sites: tuple[str, ...] = param((), doc="where; all sites, if left out")
    stimuli: StimulusSample = param(StimulusSample(), doc="what is shown")
    pool: Pool = param("mean", doc="a feature map as one unit, by its mean or maximum; or every place of it as a unit")
    when: When = param("after", doc="after the site's nonlinearity or before it")
    memory: float = param(1.0, units="GiB", doc="what a subject's recording may take", check=ge(0.0))

    outputs: ClassVar[Mapping[str, Label]] = {"activity": ACTIVITY}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites that are not there, and samples that are too large."""
        yield from self.stimuli.refusals(subject.environment)
        try:
            resolve_sites(subject.sites(), self.sites or subject.sites())
        except SpecificationError as error:
            yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        shown = self.stimuli.of(subject.environment)
        memory = int(self.memory * 2**30)
        return record(subject, shown, self.sites or None, pool=self.pool, when=self.when, memory=memory)
