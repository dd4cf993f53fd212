"""Published connectomes, by name: how the files of each are read from the data root. Nothing is downloaded."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from artneuro.connectomes.connectome import Connectome
from artneuro.environment.promised import as_promised, files_of, npz
from artneuro.errors import Problem, SpecificationError
from artneuro.registry import suggestion

FOLDER = "connectomes"
"""Where they lie, in the data root."""


def connectome(name: str, data_root: Path | str | None = None) -> Connectome:
    """Read a published connectome.

    Parameters
    ----------
    name : str
        ``celegans``: 277 neurons of the worm, with positions in mm (Kaiser and Hilgetag 2006).
        ``celegans_chemical``, ``celegans_electrical``: 279 neurons with counts of synapses or gap junctions (Varshney
        et al. 2011).
        ``macaque_cortex``: 29 areas, fractions of labelled neurons (Markov et al. 2014).
        ``macaque``, ``marmoset``, ``chimp``, ``human``: group averages of four species (Pang et al. 2021).
    data_root : path, optional
        Folder that holds the folder ``connectomes``; by default the environment variable ``ARTNEURO_DATA``, or
        ``data``. ``data/README.md`` tells which files belong there, where they come from and under which terms.

    Raises
    ------
    SpecificationError
        Where there is no connectome of that name; the nearest name is given.
    DataError
        Where a file is missing or is not what it should be; the text names it.

    Examples
    --------
    >>> try:
    ...     connectome("celegan")
    ... except SpecificationError as error:
    ...     print(error)
    connectome: required a known name; came 'celegan'. Did you mean "celegans"? Valid: celegans, celegans_chemical, \
celegans_electrical, chimp, human, macaque, macaque_cortex, marmoset.
    """
    if name not in _SETS:
        raise SpecificationError(
            [Problem("connectome", "a known name", repr(name), suggestion(name, sorted(_SETS)))],
        )
    known = _SETS[name]
    paths = files_of(f"connectome {name}", data_root, FOLDER, *known.files)
    with as_promised(f"connectome {name}", *paths):
        parts = known.read(*paths)
        return Connectome(name=name, meaning=known.meaning, source=known.source, terms=known.terms, **parts)


@attrs.frozen(kw_only=True)
class _Set:
    """A published set: its files, how they become weights, positions and names, and what must be said of it."""

    files: tuple[str, ...]
    read: Callable[..., dict[str, Any]]
    meaning: str
    source: str
    terms: str = "none stated; cite the article"


def _worm_in_space(path: Path) -> dict[str, Any]:
    weights, positions, names = npz(path, "adjacency", "positions_mm", "labels")
    return {"weights": weights, "positions": positions, "names": names.tolist()}


def _species(key: str) -> Callable[[Path], dict[str, Any]]:
    return lambda path: {"weights": npz(path, key)[0]}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _synapses(kind: str) -> Callable[[Path, Path], dict[str, Any]]:
    def read(cells: Path, synapses: Path) -> dict[str, Any]:
        neurons = _rows(cells)
        place = {row["cell_id"]: number for number, row in enumerate(neurons)}
        weights = np.zeros((len(neurons), len(neurons)))
        for row in _rows(synapses):
            if row["synapse_type"] == kind:
                weights[place[row["from_id"]], place[row["to_id"]]] += int(row["count"])
        return {"weights": weights, "names": [row["cell_name"] for row in neurons]}

    return read


def _labelled_neurons(path: Path) -> dict[str, Any]:
    """Areas that were injected themselves; a fraction is the mean over injections, one that is not listed being 0."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [line[:5] for line in csv.reader(stream, delimiter="\t") if line and line[0].isdigit()]
    injections: dict[str, set[str]] = {}
    for case, _, _, target, _ in lines:
        injections.setdefault(target, set()).add(case)
    areas = sorted(injections)
    place = {area: number for number, area in enumerate(areas)}
    weights = np.zeros((len(areas), len(areas)))
    for _, _, source, target, fraction in lines:
        if source in place:
            weights[place[source], place[target]] += float(fraction) / len(injections[target])
    return {"weights": weights, "names": areas}


_PANG = (
    "Pang, Rilling, Roberts, van den Heuvel and Cocchi 2021, Evolutionary constraints on human brain dynamics: "
    "group-averaged matrix (jchrispang/evolution-brain-tuning). The file names no regions; they are numbered."
)
_UNSAID = " The file does not say whether rows are sources or targets; they are taken as sources."
_VARSHNEY = "Varshney, Chen, Paniagua, Hall and Chklovskii 2011, PLoS Computational Biology 7, e1001066"
_WORM_FILES = ("celegans_herm_cells.csv", "celegans_herm_synapses.csv")

_SETS: Mapping[str, _Set] = {
    "celegans": _Set(
        files=("celegans277_kaiser.npz",),
        read=_worm_in_space,
        meaning="whether there is a connection",
        source="Kaiser and Hilgetag 2006, PLoS Computational Biology 2, e95; positions are those of the somata, in the "
        "plane of the long and one short axis of the body",
    ),
    "celegans_chemical": _Set(
        files=_WORM_FILES,
        read=_synapses("C"),
        meaning="number of chemical synapses",
        source=f"{_VARSHNEY} (ericmjonas/circuitdata); places of somata are fractions of the body there, and left out",
    ),
    "celegans_electrical": _Set(
        files=_WORM_FILES,
        read=_synapses("E"),
        meaning="number of gap junctions",
        source=f"{_VARSHNEY} (ericmjonas/circuitdata); places of somata are fractions of the body there, and left out",
    ),
    "macaque_cortex": _Set(
        files=("macaque_visual_INM6/Markov2014_FLN_rawdata.csv",),
        read=_labelled_neurons,
        meaning="fraction of the neurons labelled by an injection into the target that lie in the source",
        source="Markov et al. 2014, Cerebral Cortex 24, 17 (INM-6/multi-area-model): the 29 areas that were injected",
        terms="CC BY-NC-SA 4.0 (repository): non-commercial",
    ),
    "macaque": _Set(
        files=("primate_macaque_pang2024.npz",),
        read=_species("connectome_macaque"),
        meaning="averaged strength of the connection",
        source=_PANG + _UNSAID,
    ),
    "marmoset": _Set(
        files=("primate_marmoset_pang2024.npz",),
        read=_species("connectome_marmoset"),
        meaning="averaged strength of the connection",
        source=_PANG + _UNSAID,
    ),
    "chimp": _Set(
        files=("primate_chimp_pang2024.npz",),
        read=_species("connectome_chimp"),
        meaning="averaged strength of the connection",
        source=_PANG,
    ),
    "human": _Set(
        files=("primate_human_pang2024.npz",),
        read=_species("connectome_human"),
        meaning="averaged strength of the connection",
        source=_PANG,
    ),
}
