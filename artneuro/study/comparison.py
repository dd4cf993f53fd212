"""Cohorts of different runs in one test and one figure."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import xarray as xr

from artneuro import files
from artneuro.errors import DesignError, RunError
from artneuro.fields import Spec
from artneuro.records import content_key
from artneuro.statistics import compare as join
from artneuro.study.answers import write_answers
from artneuro.study.contents import require_plain
from artneuro.study.declared import declared_study
from artneuro.study.events import Listener, Remark
from artneuro.study.reading import read_comparison
from artneuro.study.references import HISTORY
from artneuro.study.report import NAME, render
from artneuro.study.store import Store

MARK = "comparison.json"

S = TypeVar("S", bound=Spec)


def compare(folders: Sequence[Path | str], out: Path | str, listen: Listener | None = None) -> Path:
    """Make the statistics and figures that runs declare, with the subjects of all of them as one cohort.

    Arms are called ``run/arm``. Every analysis and figure that one of the runs declares is made once; one that names
    an arm by its own label, or a record that not all runs have, is refused in words.

    Parameters
    ----------
    folders : sequence of path
        Run folders, two or more; a run is called by the name of its folder.
    out : path
        Folder for `statistics/`, `figures/`, `comparison.json`, which says what was compared, and the page
        `report.html`.
    listen : callable, optional
        Told, in a `Remark`, of what was refused, and of subjects that are the same animal in several runs: they are
        counted once.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    RunError
        Where a folder is not a run, two have one name, or `out` holds something else.
    DesignError
        Where there is nothing to compare, all subjects are those of one run, or no run declares an analysis or a
        figure.
    RecordError
        Where a record is damaged; the text names the file.
    """
    runs = _named(folders)
    if len(runs) < 2:
        raise DesignError(f"a comparison takes two runs or more; came {len(runs)}: {', '.join(runs) or 'none'}")
    studies = {name: declared_study(store) for name, store in runs.items()}
    records, reasons = _joined({name: store.records() for name, store in runs.items()})
    analyses = _once([analysis for study in studies.values() for analysis in study.analyses])
    figures = _once([figure for study in studies.values() for figure in study.figures])
    if not analyses and not figures:
        raise DesignError("no run declares an analysis or a figure. Add one to study.yaml of a run and compare again.")
    store = Store(Path(out))
    with store.claimed(MARK):
        cautions = {name: record.attrs["cautions"].splitlines() for name, record in records.items()}
        about = {
            "runs": {name: {"study": study.study, "declaration": study.fingerprint} for name, study in studies.items()},
            "not_comparable": reasons,
            "cautions": cautions,
        }
        store.write_json(MARK, about)
        tell = listen or (lambda event: None)
        for caution in dict.fromkeys(caution for told in cautions.values() for caution in told):
            tell(Remark(caution))
        write_answers(store, records, analyses, figures, tell)
        files.write_text(store.folder / NAME, render(read_comparison(store.folder, studies, records)))
    return store.folder


def _joined(runs: Mapping[str, Mapping[str, xr.Dataset]]) -> tuple[dict[str, xr.Dataset], dict[str, str]]:
    """Return the records that runs have in common as one cohort's, and why others, or parts of them, are left out."""
    records: dict[str, xr.Dataset] = {}
    reasons: dict[str, str] = {}
    for name in dict.fromkeys(name for run in runs.values() for name in run):
        parts = {run: having[name] for run, having in runs.items() if name in having}
        if name == HISTORY:  # not-a-number where a run is shorter, as where a subject of one run is
            epochs = np.unique(np.concatenate([part["epoch"].values for part in parts.values()]))
            parts = {run: part.reindex(epoch=epochs) for run, part in parts.items()}
        try:
            records |= join({run: {name: part} for run, part in parts.items()})
            reasons[name] = records[name].attrs["not_comparable"]
        except DesignError as refusal:
            reasons[name] = str(refusal)
    if not records:
        raise DesignError("; ".join(dict.fromkeys(reasons.values())))
    return records, {name: reason for name, reason in reasons.items() if reason}


def _named(folders: Sequence[Path | str]) -> dict[str, Store]:
    runs: dict[str, Store] = {}
    for folder in map(Path, folders):
        store = Store(folder.resolve())
        if not (store.folder / "plan.json").is_file():
            raise RunError(f"{folder}: not a run folder: it has no plan.json")
        require_plain(store.folder)
        if store.folder.name in runs:
            raise RunError(f"{folder}: a second run called {store.folder.name!r}. Rename one of the folders.")
        runs[store.folder.name] = store
    return runs


def _once(declared: Iterable[S]) -> list[S]:
    """Return each declaration once, in the order in which they come."""
    return list({content_key(specification.named()): specification for specification in declared}.values())
