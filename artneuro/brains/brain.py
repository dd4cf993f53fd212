"""What a brain is here: what was measured of neurons or people, as a record, with the stimuli that they were shown."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import final

import attrs
import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro.brains.resizing import Resize, resized
from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import DataError, Problem, SpecificationError
from artneuro.fields import Spec
from artneuro.labels import Label, check_schema
from artneuro.measures.rdms import Metric, rdm
from artneuro.records import content_key
from artneuro.registry import family, name_of

PAIRS = ("stimulus", "other_stimulus")

LABELS = {
    "dissimilarity": Label("dissimilarity of two stimuli", "1", ("subject", *PAIRS)),
    "activity": Label("response of the unit, mean over presentations", "1", ("stimulus", "unit")),
    "trial_activity": Label("response of the unit to one presentation", "1", ("repeat", "stimulus", "unit")),
    "answers": Label("people who gave the answer", "1", ("stimulus", "class")),
    "answer": Label("answer of the subject, by its place along class; -1 for none", "1", ("subject", "stimulus")),
}
"""Everything that may have been measured; a record holds at least one of them."""


@final
@attrs.frozen(kw_only=True, eq=False, slots=False)
class Brain:
    """What was measured of neurons or people, and what they were shown.

    Parameters
    ----------
    name : str
        What it is called.
    record : Dataset
        In the schema of all records. It holds one or several of ``dissimilarity`` (subject, stimulus, other_stimulus):
        people or animals are subjects here, too; ``activity`` (stimulus, unit); ``trial_activity`` (repeat, stimulus,
        unit), not-a-number where a stimulus was presented less often; ``answers`` (stimulus, class), how many people
        gave each; ``answer`` (subject, stimulus). The coordinate ``stimulus_name`` tells which stimulus it is.
    images : Tensor, shape (stimulus, channel, y, x), uint8, optional
        What they were shown. Without, stimuli are those of the test set of the environment named by `shares`.
    shares : str
        Registered name of the environment whose test stimuli they were shown, where there are no images; the coordinate
        ``stimulus`` is then the position in that set.
    source : str
        Who measured it, and what must be known of it.
    terms : str
        Under which terms it may be used.

    Raises
    ------
    DataError
        Where the record breaks the schema or holds nothing that is known, or images are not one for each stimulus.
    """

    name: str
    record: xr.Dataset
    images: Tensor | None = None
    shares: str = ""
    source: str = ""
    terms: str = ""

    def __attrs_post_init__(self) -> None:
        check_schema(self.record)
        held = [name for name in LABELS if name in self.record]
        if not held:
            raise DataError(f"{self.name}: required at least one of {', '.join(LABELS)}; came none of them")
        for name in held:
            if self.record[name].dims != LABELS[name].dims:
                required = f"{name} along {', '.join(LABELS[name].dims)}"
                raise DataError(f"{self.name}: required {required}; came {', '.join(map(str, self.record[name].dims))}")
        names = self.record.get("stimulus_name")
        if names is None or len(set(names.values.tolist())) != self.record.sizes["stimulus"]:
            raise DataError(
                f"{self.name}: required a coordinate stimulus_name with a name of its own for each stimulus"
            )
        if self.images is not None and len(self.images) != self.record.sizes["stimulus"]:
            came = f"{len(self.images)} images for {self.record.sizes['stimulus']} stimuli"
            raise DataError(f"{self.name}: required one image for each stimulus; came {came}")

    def __len__(self) -> int:
        return int(self.record.sizes["stimulus"])

    def __repr__(self) -> str:
        held = ", ".join(name for name in LABELS if name in self.record)
        shown = "no images" if self.images is None else f"images of {' x '.join(map(str, self.images.shape[1:]))}"
        return f"Brain({self.name!r}: {held}; {len(self)} stimuli, {shown})"

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify every number, name and pixel."""
        digest = hashlib.sha256()
        for name, variable in sorted(self.record.variables.items(), key=lambda item: str(item[0])):
            values = np.ascontiguousarray(variable.values)
            number = values.dtype.kind in "iufb"
            digest.update(f"{name}{variable.dims}{values.shape}{values.dtype if number else 'text'}".encode())
            digest.update(values.tobytes() if number else json.dumps(values.tolist()).encode())
        if self.images is not None:
            digest.update(f"{tuple(self.images.shape)}".encode())
            digest.update(np.ascontiguousarray(self.images.numpy()).data)
        return content_key(digest.hexdigest())

    def names(self) -> list[str]:
        """Return the names of the stimuli, in their order."""
        return [str(name) for name in self.record.stimulus_name.values]

    def categories(self) -> tuple[tuple[str, ...], Tensor]:
        """Return the categories in the order of the alphabet, and that of each stimulus by its place; none: ``()``."""
        if "category" not in self.record.coords:
            return (), torch.zeros(len(self), dtype=torch.int64)
        names, numbers = np.unique(self.record.category.values.astype(str), return_inverse=True)
        return tuple(names.tolist()), torch.from_numpy(numbers.reshape(-1).astype(np.int64))

    def in_order_of(self, names: Sequence[str]) -> "Brain":
        """Return the same with its stimuli in the order of these names, some of which may be left out.

        Raises
        ------
        DataError
            Where there is no stimulus of a name.
        """
        place = {name: number for number, name in enumerate(self.names())}
        unknown = [name for name in names if name not in place]
        if unknown:
            raise DataError(
                f"{self.name}: there is no stimulus {unknown[0]!r}, and {len(unknown)} of {len(names)} lack"
            )
        order = [place[name] for name in names]
        along = {dim: order for dim in PAIRS if dim in self.record.dims}
        images = None if self.images is None else self.images[order]
        return attrs.evolve(self, record=self.record.isel(along), images=images)

    def rdms(self, metric: Metric = "correlation") -> Tensor:
        """Return its RDMs (subject, pair), float64, pairs in the order of `artneuro.measures.rdm`.

        Those that were measured; or that of the responses of its neurons, as a single subject.

        Parameters
        ----------
        metric : str
            Of the patterns over neurons; what was measured as dissimilarities has a metric already.

        Raises
        ------
        DataError
            Where there are neither dissimilarities nor responses.
        """
        if "dissimilarity" in self.record:
            first, second = np.triu_indices(len(self), 1)
            return torch.from_numpy(self.record.dissimilarity.values[:, first, second].astype(np.float64))
        if "activity" in self.record:
            return rdm(self.record.activity.values, metric)[None]
        raise DataError(f"{self.name}: required dissimilarities or responses; it holds neither")

    def shown_to(self, environment: Environment, resize: Resize = "bilinear") -> Stimuli:
        """Return its stimuli as subjects of an environment can be shown them.

        Images are cut to the environment's proportions around their centre, resized to its size, and made grey or given
        equal channels where it has fewer or more. They are stored as the environment stores its own (bytes, or floats
        from 0 to 1), so they are normalised as those are. The targets are the numbers of their categories.

        Parameters
        ----------
        environment : Environment
            Where the subjects live.
        resize : {"bilinear", "bicubic"}
            How pixels are interpolated; both low-pass before they make images smaller.

        Raises
        ------
        SpecificationError
            Where the stimuli are those of an environment, and it is another one.
        """
        if self.images is None:
            return self._shared(environment)
        _, targets = self.categories()
        images = resized(self.images, environment.shape, resize)
        as_bytes = environment.train.images.dtype == torch.uint8
        pixels = images.round().to(torch.uint8) if as_bytes else images / 255
        names = torch.from_numpy(self.record.stimulus.values.astype(np.int64))
        return Stimuli(pixels, targets, names).to(environment.device)

    def _shared(self, environment: Environment) -> Stimuli:
        """Return the stimuli of the environment's test set that were judged, by their position in the source."""
        source = name_of(type(environment.source))
        if source != self.shares:
            came = f"one of {source or type(environment.source).__name__}"
            raise SpecificationError(
                [Problem("environment", f"the test stimuli of {self.shares}, which {self.name} were shown", came)]
            )
        known = {int(number): place for place, number in enumerate(self.record.stimulus.values)}
        own = [place for place, number in enumerate(environment.test.index.tolist()) if number in known]
        if len(own) < 4:
            raise SpecificationError(
                [Problem("environment", f"4 test stimuli or more that {self.name} were shown", str(len(own)))]
            )
        return environment.test.of_numbers(torch.tensor(own, device=environment.device))


@family("brain")
class BrainSource(Spec, ABC):
    """Declaration of a brain or of people; `load` reads what was measured of them."""

    __slots__ = ()

    @abstractmethod
    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read it.

        Parameters
        ----------
        data_root : path, optional
            Folder that holds the data sets; by default the environment variable ``ARTNEURO_DATA``, or ``data``.

        Raises
        ------
        DataError
            Where a file is missing (the text tells where to get it) or is not what it should be.
        """
