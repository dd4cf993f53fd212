"""ActivationMaximisation: images that drive single units most, beside the stimuli that do. Erhan et al. 2009."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor, nn

from artneuro import records
from artneuro.anatomy.maximisation import Ascent, Of, maximise, one_a_unit
from artneuro.anatomy.recording import record_activity
from artneuro.environment.environment import Stimuli
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.errors import ActivityError, Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.recording import When
from artneuro.registry import register, suggestion
from artneuro.seeds import Stream
from artneuro.subject import Subject

PICTURE = ("unit", "picture")
_BLOCK = 256  # stimuli at a time


@final
@register("ActivationMaximisation")
@define_spec
class ActivationMaximisation(Assay):
    """Find images that drive units most, and show them beside the stimuli that drive the same units most.

    An image begins as noise and climbs the gradient of the unit's activity, under the regularisers of `ascent`. These
    are weighed against the activity in standard deviations of the unit over the stimuli, so one weight serves all
    units. All units begin with the same noise, which depends on `seed` and repeat alone, and so do all subjects.

    Erhan, Bengio, Courville and Vincent 2009; van Assen, Nishida and Fleming 2020, doi 10.1371/journal.pcbi.1008018,
    show such images beside the stimuli that drive units least and most.
    """

    sites: tuple[str, ...] = param((), doc="where: sites, or torch modules by their names; all sites, if left out")
    units: int | tuple[int, ...] = param(8, doc="how many units of each site, from the first; or which, by number")
    repeats: int = param(1, doc="images sought for each unit, from other noise each time", check=ge(1))
    seed: int = param(0, doc="seed of the noise and of the jitter", check=ge(0))
    ascent: Ascent = param(
        Ascent(total_variation=0.5, jitter=2), doc="how images are changed, and what keeps them simple"
    )
    stimuli: StimulusSample = param(StimulusSample(), doc="among which those are found that drive a unit most")
    extremes: int = param(3, doc="driving stimuli shown", check=ge(1))
    when: When = param("before", doc="before the site's nonlinearity, where silent units have a gradient, or after it")
    of: Of = param("mean", doc="of a feature map: its mean, its maximum, or its place in the middle")
    curve: int = param(11, doc="how often activity is read along the ascent", check=ge(2))

    outputs: ClassVar[Mapping[str, Label]] = {
        "image": Label("picture that drives the unit; 0 is black, 1 is white", "1", (*PICTURE, "channel", "y", "x")),
        "picture_activity": Label("activity of the unit for the picture", "1", PICTURE),
        "picture_stimulus": Label("stimulus that the picture is; -1 where it was found by ascent", "1", PICTURE),
        "activity": Label("activity of the unit along the ascent", "1", ("unit", "repeat", "iteration")),
        "activity_deviation": Label("standard deviation of the unit's activity over the stimuli", "1", ("unit",)),
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse numbers of units that there cannot be."""
        numbers = (self.units,) if isinstance(self.units, int) else self.units
        if not numbers or min(numbers) < (1 if isinstance(self.units, int) else 0):
            yield Problem("units", "how many (1 or more), or numbers from 0", str(self.units))

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse places and units that are not there, and samples that are too large."""
        found = list(self.stimuli.refusals(subject.environment))
        model = subject.model()
        modules = [name for name, _ in model.named_modules() if name]
        for name in self.sites:
            if name not in subject.sites() and name not in modules:
                advice = suggestion(name, [*subject.sites(), *modules])
                found.append(Problem("sites", "a site of this anatomy or a torch module", repr(name), advice))
        yield from found
        if found:
            return
        shown = self.stimuli.of(subject.environment)
        if self.extremes > len(shown):
            yield Problem("extremes", f"at most {len(shown)}, the stimuli shown", str(self.extremes))
        probe = subject.environment.present(shown.images[:2])
        for name, module in self._places(subject).items():
            try:
                with torch.no_grad():
                    count = record_activity(model, {name: module}, probe, self.when)[name].shape[1]
                last = max(self._numbers(count))
                if last >= count:
                    yield Problem("units", f"numbers below {count}, the units of {name}", str(last))
                    continue
                start = torch.zeros(1, *probe.shape[1:], device=probe.device)
                one = Ascent(steps=1, bounds=False)
                maximise(model, module, [0], start, one, Stream(0), when=self.when, of=self.of)
            except SpecificationError as error:
                yield from error.problems
            except ActivityError as error:
                yield Problem(f"sites.{name}", "activity with a gradient", str(error))

    def _places(self, subject: Subject) -> dict[str, str]:
        """Return the torch module of each site; a name that is no site is one itself."""
        known = subject.sites()
        return {name: known.get(name, name) for name in self.sites or tuple(known)}

    def _numbers(self, count: int) -> list[int]:
        """Return which of the units of a site are shown."""
        return list(range(min(self.units, count))) if isinstance(self.units, int) else list(self.units)

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        model, shown = subject.model(), self.stimuli.of(subject.environment)
        of_sites: list[dict[str, np.ndarray[Any, Any]]] = []
        sites: list[str] = []
        index: list[int] = []
        for name, module in self._places(subject).items():
            over = self._over_stimuli(subject, model, module, shown.images)
            numbers = self._numbers(over.shape[1])
            of_sites.append(self._of_site(subject, model, module, shown, over[:, numbers], torch.tensor(numbers)))
            sites += [name] * len(numbers)
            index += numbers
        iterations = of_sites[0].pop("iterations").tolist()
        pictures = [f"maximised {repeat + 1}" for repeat in range(self.repeats)]
        pictures += [f"stimulus {rank + 1}" for rank in range(self.extremes)]
        coords = {"unit_site": sites, "unit_index": index, "picture": pictures, "iteration": iterations}
        values = {name: np.concatenate([each[name] for each in of_sites]) for name in self.outputs}
        return records.dataset(values, self.outputs, coords)

    def _over_stimuli(self, subject: Subject, model: nn.Module, module: str, images: Tensor) -> Tensor:
        """Return the activity (stimulus, unit) of all units of a module."""
        found = []
        with torch.no_grad():
            for block in torch.split(images, _BLOCK):
                shown = subject.environment.present(block)
                found.append(one_a_unit(record_activity(model, {module: module}, shown, self.when)[module], self.of))
        return torch.cat(found)

    def _of_site(
        self, subject: Subject, model: nn.Module, module: str, shown: Stimuli, over: Tensor, numbers: Tensor
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Return the outputs for some units of one module, whose activity over the stimuli is `over`."""
        presentation, count = subject.environment.presentation, len(numbers)
        deviation = over.std(dim=0, correction=0)
        scale = torch.where(deviation > 0, deviation, 1.0)
        shape, device = subject.environment.shape, shown.images.device
        streams = [Stream(self.seed).child("ascent", repeat) for repeat in range(self.repeats)]
        noise = [torch.randn(shape, generator=each.child("start").torch()).to(device) for each in streams]
        limits = (
            presentation.stimuli(torch.zeros(shape).to(device)),
            presentation.stimuli(torch.ones(shape).to(device)),
        )
        climbs = [
            maximise(
                model,
                module,
                numbers.to(device),
                (self.ascent.start * start).expand(count, *shape),
                self.ascent,
                stream.child("jitter"),
                scale=scale,
                bounds=limits,
                when=self.when,
                of=self.of,
                curve=self.curve,
            )
            for start, stream in zip(noise, streams, strict=True)
        ]
        best = over.argsort(dim=0, descending=True, stable=True)[: self.extremes].T
        driving = subject.environment.present(shown.images[best.flatten()]).reshape(*best.shape, *shape)
        pictures = torch.cat([torch.stack([climb.images for climb in climbs], dim=1), driving], dim=1)
        activity = torch.stack([climb.activity for climb in climbs], dim=1)
        places = torch.full((count, self.repeats), -1, device=device)
        found = {
            "image": presentation.pixels(pictures).clamp(0, 1) if self.ascent.bounds else presentation.pixels(pictures),
            "picture_activity": torch.cat([activity[..., -1], over.gather(0, best.T).T], dim=1),
            "picture_stimulus": torch.cat([places, shown.index[best]], dim=1),
            "activity": activity,
            "activity_deviation": deviation,
            "iterations": torch.tensor(climbs[0].iterations),
        }
        return {name: values.cpu().numpy() for name, values in found.items()}
