"""A brain of the user's own, from one file of plain arrays."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, final

import numpy as np

from artneuro import records
from artneuro.brains.brain import LABELS, Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.bridges import read_nwb
from artneuro.environment.data_root import inside, resolve_data_root
from artneuro.environment.promised import as_promised
from artneuro.errors import DataError, Problem, RecordError
from artneuro.fields import define_spec, param
from artneuro.registry import register

BESIDE = ("images", "names", "category", "texture", "classes", "subjects", "site")
"""Arrays that tell more of what was measured."""


@final
@register("file")
@define_spec
class OwnFile(BrainSource):
    """What you measured yourself, in an .npz or netCDF (.nc) file of plain arrays, or in NWB; pickles are refused.

    At least one of ``dissimilarity`` (subject, stimulus, stimulus) or (subject, pair), ``activity`` (stimulus, unit),
    ``trial_activity`` (repeat, stimulus, unit), ``answers`` (stimulus, class) and ``answer`` (subject, stimulus); and,
    where they are known, ``images`` (stimulus, y, x, channel), bytes, ``names``, ``category`` and ``texture``
    (stimulus), ``classes``, ``subjects`` and ``site``. See `artneuro.brains.making.brain_of`. Of an NWB file
    (.nwb, by pynwb) responses are read as `artneuro.bridges.read_nwb` does; trials of one stimulus are repeats.
    """

    path: str = param(doc="the file, in the data root", check=inside())
    shares: str = param("", doc="environment whose test stimuli were shown, where the file has no images")
    series: str = param("", doc="in NWB: time series with one sample a trial; spikes are counted, if left out")
    stimulus: str = param("stimulus_name", doc="in NWB: column of the trials that names the stimulus")

    def problems(self) -> Iterator[Problem]:
        """Refuse a file of another kind."""
        if Path(self.path).suffix not in (".npz", ".nc", ".nwb"):
            yield Problem("path", "a file that ends in .npz, .nc or .nwb", repr(self.path))

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read the file."""
        path = resolve_data_root(data_root) / self.path
        if not os.path.isfile(path):
            raise DataError(
                f"file: looked for {path}, and there is no such file. Save one or more of {', '.join(LABELS)} there "
                "with numpy.savez, or name another data root (--data-root, ARTNEURO_DATA)."
            )
        if path.suffix == ".nwb":
            arrays = _nwb(path, self.series, self.stimulus)
        else:
            arrays = _npz(path) if path.suffix == ".npz" else _netcdf(path)
        return brain_of(path.stem, arrays, shares=self.shares, source=f"file {path.name}")


def _npz(path: Path) -> dict[str, Any]:
    with (
        as_promised("file", path),
        path.open("rb") as stream,
        np.load(stream, allow_pickle=False) as opened,
    ):
        return {name: opened[name] for name in (*LABELS, *BESIDE) if name in opened}


def _netcdf(path: Path) -> dict[str, Any]:
    try:
        found = records.arrays(path)
    except RecordError as error:
        raise DataError(str(error)) from error
    return {name: found[name] for name in (*LABELS, *BESIDE) if name in found}


def _nwb(path: Path, series: str, stimulus: str) -> dict[str, Any]:
    try:
        found = read_nwb(path, series=series, stimulus=stimulus)
    except RecordError as error:
        raise DataError(str(error)) from error
    if "stimulus_name" not in found.coords:
        raise DataError(
            f"{path}: required a column of the trials that names the stimulus; there is no {stimulus!r}. There are: "
            f"{', '.join(str(name) for name, coord in found.coords.items() if coord.dims == ('stimulus',))}."
        )
    numbers, names = found.stimulus.values, found.stimulus_name.values
    order = list(dict.fromkeys(numbers.tolist()))
    shown = [np.flatnonzero(numbers == number) for number in order]
    values = found.activity.values.astype(np.float64)
    trials = np.full((max(map(len, shown)), len(order), values.shape[1]), np.nan)
    for place, rows in enumerate(shown):
        trials[: len(rows), place] = values[rows]
    arrays = {"names": np.array([names[rows[0]] for rows in shown])}
    arrays |= {"activity": trials[0]} if len(trials) == 1 else {"trial_activity": trials}
    return arrays | ({"site": found.unit_site.values} if "unit_site" in found.coords else {})
