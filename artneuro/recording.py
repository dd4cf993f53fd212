"""Recording: the activity of any sites of a subject for any stimuli, as one labelled dataset, in memory or on disk."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray
from torch import Tensor, nn

from artneuro import records
from artneuro.anatomy.recording import record_activity
from artneuro.anatomy.sites import resolve_sites
from artneuro.environment.environment import Stimuli
from artneuro.errors import Problem, SpecificationError
from artneuro.labels import Label
from artneuro.subject import Subject

Pool = Literal["mean", "max", "none"]
When = Literal["after", "before"]

ACTIVITY = Label("activity of the unit", "1", ("stimulus", "unit"))
_BLOCK = 256  # stimuli at a time, at most: more are no faster on a CPU


@attrs.frozen(eq=False)
class _Electrode:
    """A network, and where and how its activity is taken."""

    model: nn.Module
    modules: Mapping[str, str]
    when: When
    pool: Pool

    def activity(self, stimuli: Tensor) -> dict[str, Tensor]:
        """Return the activity (stimulus, channel, ...) at each site, pooled as asked."""
        with torch.no_grad():
            recorded = record_activity(self.model, self.modules, stimuli, self.when)
        return {site: pooled(activity, self.pool) for site, activity in recorded.items()}

    def units(self, stimuli: Tensor) -> dict[str, list[Any] | NDArray[np.int64]]:
        """Return the coordinates of all units, from the activity for a few stimuli."""
        shapes = {site: tuple(activity.shape[1:]) for site, activity in self.activity(stimuli).items()}
        return _unit_coordinates(shapes)


def pooled(activity: Tensor, pool: Pool) -> Tensor:
    """Return activity (stimulus, channel, ...) with every feature map reduced to its mean or maximum, or as it is.

    Examples
    --------
    >>> maps = torch.tensor([[[[1.0, 3.0]]]])
    >>> pooled(maps, "mean").tolist(), pooled(maps, "max").tolist(), pooled(maps, "none").shape[1:]
    ([[2.0]], [[3.0]], torch.Size([1, 1, 2]))
    """
    if pool == "none" or activity.ndim == 2:
        return activity
    flat = activity.flatten(2)
    return flat.mean(dim=2) if pool == "mean" else flat.amax(dim=2)


def _unit_coordinates(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, list[Any] | NDArray[np.int64]]:
    """Return site, number, channel and place of every unit, site after site, by the shape of a site's activity."""
    sites: list[str] = []
    columns: list[NDArray[np.int64]] = []
    for site, shape in shapes.items():
        count = int(np.prod(shape))
        number = np.arange(count)
        if len(shape) == 3:
            channel, y, x = np.unravel_index(number, shape)
        else:  # a neuron, or a map that was pooled; of other shapes, what is known is the channel
            channel, y, x = number // (count // shape[0]), np.full(count, -1), np.full(count, -1)
        sites += [site] * count
        columns.append(np.stack([number, channel, y, x]))
    index, channel, y, x = np.concatenate(columns, axis=1)
    return {"unit_site": sites, "unit_index": index, "unit_channel": channel, "unit_y": y, "unit_x": x}


def record(
    subject: Subject,
    stimuli: Stimuli,
    sites: str | Iterable[str] | None = None,
    *,
    pool: Pool = "mean",
    when: When = "after",
    ages: Iterable[int] | None = None,
    coords: Mapping[str, Any] | None = None,
    path: Path | str | None = None,
    memory: int = 2**30,
) -> xr.Dataset:
    """Record the activity of a subject's units.

    Parameters
    ----------
    subject : Subject
        Whose activity; it stays as it is.
    stimuli : Stimuli
        What it is shown, as stored: a set of its environment (``environment.test``), a `StimulusSample` of one, or own
        images, ``Stimuli.of(images, targets)``.
    sites : str or iterable of str, optional
        Where; all sites of the anatomy, if left out.
    pool : {"mean", "max", "none"}
        A feature map as one unit, by its mean or maximum over places; or every place of it as a unit of its own.
    when : {"after", "before"}
        What the site's module gives, which is after the nonlinearity, or what goes into it.
    ages : iterable of int, optional
        Kept ages to record at, in epochs; the present, if left out. Then the dataset has a dim `epoch`.
    coords : mapping, optional
        Further coordinates of the stimuli: name -> one value a stimulus, or a DataArray with `long_name` and `units`.
    path : path, optional
        netCDF file to stream to, block by block. What is returned then lies there and is read when it is used.
    memory : int
        Bytes that the recording may take in memory.

    Returns
    -------
    Dataset
        ``activity`` (stimulus, unit), or (epoch, stimulus, unit), float32, with the coordinates ``unit_site``,
        ``unit_index``, ``unit_channel``, ``unit_y``, ``unit_x`` and ``target`` (the class), and the quantities of the
        stimuli; `stimulus` is the position in its set.

    Raises
    ------
    SpecificationError
        Where a site or an age is not there, stimuli are too few or of another shape, a coordinate does not fit, or the
        recording needs more than `memory` and no `path` is given.

    Examples
    --------
    >>> import artneuro as an
    >>> digits = an.environment("digits", train_size=100, test_size=20)
    >>> subject = an.Subject.naive(an.anatomy("mlp", widths=(6, 4)), digits, seed=0)
    >>> activity = record(subject, digits.test).activity
    >>> dict(activity.sizes), activity.unit_site.values[[0, -1]].tolist()
    ({'stimulus': 20, 'unit': 10}, ['hidden1', 'hidden2'])
    """
    places = resolve_sites(subject.sites(), list(subject.sites()) if sites is None else sites)
    along = None if ages is None else list(ages)
    _refuse(subject, stimuli, along)
    animals = [subject] if along is None else [subject.at(age) for age in along]
    electrodes = [_Electrode(animal.model(), places, when, pool) for animal in animals]
    units = electrodes[0].units(subject.environment.present(stimuli.images[:2]))
    frame = _frame(subject, stimuli, units, along, coords or {}, f"{when} the nonlinearity, pooling {pool}")
    row = len(electrodes) * len(units["unit_site"]) * 4
    if path is None and row * len(stimuli) > memory:
        came = f"{row * len(stimuli) / 2**30:.2f} GiB for {len(stimuli)} stimuli and {len(units['unit_site'])} units"
        advice = "Give a `path`, and it is streamed to a file; or pool, choose sites or stimuli, or raise `memory`."
        raise SpecificationError([Problem("memory", f"a recording within {memory / 2**30:.2f} GiB", came, advice)])
    label = attrs.evolve(ACTIVITY, dims=ACTIVITY.dims if along is None else ("epoch", *ACTIVITY.dims))
    # a block lies in memory as maps, as what is copied of them, and as the row that is written
    blocks = _blocks(subject, stimuli, electrodes, max(1, min(_BLOCK, memory // (8 * row))), along is not None)
    if path is not None:
        records.write_in_blocks(frame, {"activity": label}, "stimulus", ({"activity": each} for each in blocks), path)
        return records.opened(path)
    values = np.concatenate(list(blocks), axis=label.dims.index("stimulus"))
    attributes = {"long_name": label.long_name, "units": label.units}
    return frame.assign(activity=(label.dims, values, attributes))


def _blocks(
    subject: Subject, stimuli: Stimuli, electrodes: list[_Electrode], size: int, by_age: bool
) -> Iterator[NDArray[np.float32]]:
    for first in range(0, len(stimuli), size):
        shown = subject.environment.present(stimuli.images[first : first + size])
        recorded = [
            torch.cat([activity.flatten(1) for activity in electrode.activity(shown).values()], dim=1).cpu().numpy()
            for electrode in electrodes
        ]
        yield np.stack(recorded) if by_age else recorded[0]


def _refuse(subject: Subject, stimuli: Stimuli, ages: list[int] | None) -> None:
    found = []
    shape = tuple(stimuli.images.shape[1:])
    if len(stimuli) == 0:
        found.append(Problem("stimuli", "at least one stimulus", "none"))
    elif shape != subject.environment.shape:
        found.append(Problem("stimuli", f"images of shape {subject.environment.shape}", str(shape)))
    elif stimuli.images.is_floating_point() and not torch.isfinite(stimuli.images).all():
        found.append(Problem("stimuli", "finite pixels", "not-a-number or infinity"))
    if ages is not None and (not ages or ages != sorted(set(ages))):
        found.append(Problem("ages", "kept ages that ascend", str(ages)))
    if found:
        raise SpecificationError(found)


def _frame(
    subject: Subject,
    stimuli: Stimuli,
    units: Mapping[str, Any],
    ages: list[int] | None,
    coords: Mapping[str, Any],
    how: str,
) -> xr.Dataset:
    """Return all coordinates, and where the recording comes from."""
    known = {"stimulus": stimuli.index.cpu().numpy(), **units}
    if stimuli.targets.ndim == 1:  # classes; what is told of values are the quantities
        known["target"] = stimuli.targets.cpu().numpy()
    frame = records.dataset({}, {}, known if ages is None else {"epoch": ages, **known}, title="Recording")
    quantities = {name: values.cpu().numpy() for name, values in stimuli.quantities.items()}
    for name, values in {**quantities, **coords}.items():
        array = np.asarray(values)
        if name in frame.coords or array.shape != (len(stimuli),):
            came = f"{name!r}, of shape {array.shape}"
            raise SpecificationError([Problem("coords", f"new names with {len(stimuli)} values each", came)])
        told = dict(values.attrs) if isinstance(values, xr.DataArray) else {}
        frame = frame.assign_coords({name: ("stimulus", array, {"long_name": name, "units": "1", **told})})
    return records.with_provenance(
        frame,
        subject=subject.id,
        environments=[subject.environment.fingerprint],
        weights={subject.id: subject.fingerprint},
        recorded=how,
    )
