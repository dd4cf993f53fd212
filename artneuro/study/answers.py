"""Answers: the statistics and figures of records, as files with an index each.

::

    statistics/<nn>-<analysis>[-<table>].csv   the tables, one file each
    statistics/results.json                    [{name, of, declared, sentences, notes, tables: {table: file}, refused}]
    figures/<nn>-<figure>.svg, .png, and .gif of a film
    figures/figures.json                       [{name, declared, title, caption, svg, png, gif, refused}]

`nn` is the place in the declaration. What the design cannot answer is `refused`, in words, and the rest goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from artneuro import files, registry
from artneuro.errors import ArtneuroError
from artneuro.fields import plain
from artneuro.figures import MovingPlot, Plot, save, save_film
from artneuro.statistics import Analysis, Result
from artneuro.study.events import Listener, Remark
from artneuro.study.store import Store

Records = Mapping[str, xr.Dataset]
RESULTS, FIGURES, VERDICTS = "statistics/results.json", "figures/figures.json", "hypotheses.json"


def write_answers(
    store: Store, records: Records, analyses: Sequence[Analysis], figures: Sequence[Plot], listen: Listener
) -> None:
    """Write statistics and figures of records into a folder, and take away what an earlier declaration left there."""
    results = _statistics(store, analyses, records, listen)
    _figures(store, figures, records, results, listen)


def in_words(refusal: Exception) -> str:
    """Return why there is no answer; a fault of artneuro's own is called one, and the other answers are made.

    Raises
    ------
    OSError
        Where it is one: a disk that is full refuses every answer.
    """
    if isinstance(refusal, OSError):
        raise refusal
    if isinstance(refusal, ArtneuroError):
        return str(refusal)
    return f"a fault in artneuro, not in the study: {type(refusal).__name__}: {refusal}. Please report it."


def _statistics(store: Store, analyses: Sequence[Analysis], records: Records, listen: Listener) -> list[Result]:
    answered: list[Result] = []
    entries: list[dict[str, Any]] = []
    for place, analysis in enumerate(analyses, start=1):
        name = registry.name_of(type(analysis)) or ""
        entry: dict[str, Any] = {"name": name, "declared": plain(analysis), "tables": {}, "refused": None}
        try:
            result = analysis.run(records)
        except Exception as refusal:
            entry |= {"of": "", "sentences": [], "notes": [], "refused": in_words(refusal)}
            listen(Remark(f"analyses[{place - 1}] ({name}): {in_words(refusal)}"))
        else:
            answered.append(result)
            entry |= {"of": result.of, "sentences": list(result.sentences), "notes": list(result.notes)}
            for table, frame in result.tables.items():
                suffix = "" if table == result.name else f"-{table}"
                entry["tables"][table] = f"{place:02d}-{name}{suffix}.csv"
                _write_table(frame, store.folder / "statistics" / entry["tables"][table])
        entries.append(entry)
    store.write_index(RESULTS, entries, _tables)
    return answered


def withdraw(store: Store) -> None:
    """Remove all answers of an earlier run, whose records are no longer those of the plan."""
    for index, files_of in ((RESULTS, _tables), (FIGURES, _drawn)):
        if (store.folder / index).exists():
            store.write_index(index, [], files_of)
    for name in (VERDICTS, "report.html"):
        (store.folder / name).unlink(missing_ok=True)


def _write_table(frame: pd.DataFrame, path: Path) -> None:
    numbered = isinstance(frame.index, pd.RangeIndex)
    files.write_text(path, frame.to_csv(index=not numbered, lineterminator="\n"))


def _figures(
    store: Store, figures: Sequence[Plot], records: Records, results: Sequence[Result], listen: Listener
) -> None:
    entries: list[dict[str, Any]] = []
    for place, figure in enumerate(figures, start=1):
        name = f"{place:02d}-{registry.name_of(type(figure))}"
        entry: dict[str, Any] = {"name": name, "declared": plain(figure), "title": figure.title, "refused": None}
        try:
            caption = figure.caption(records)
            drawn = figure.draw(records, _comparisons(figure, results))
            frames = figure.frames(records) if isinstance(figure, MovingPlot) else []
        except Exception as refusal:
            entry |= {"caption": "", "svg": None, "png": None, "gif": None, "refused": in_words(refusal)}
            listen(Remark(f"figures[{place - 1}] ({name}): {in_words(refusal)}"))
        else:
            folder = store.folder / "figures"
            svg, png = save(drawn, folder, name, title=figure.title, caption=caption)
            film = save_film(frames, folder, name).name if frames else None
            caption += f" As a film: {film}." if film else ""
            entry |= {"caption": caption, "svg": svg.name, "png": png.name, "gif": film}
        entries.append(entry)
    store.write_index(FIGURES, entries, _drawn)


def _tables(entry: Mapping[str, Any]) -> Iterable[str]:
    tables: Mapping[str, str] = entry["tables"]
    return tables.values()


def _drawn(entry: Mapping[str, Any]) -> list[str]:
    return [entry[kind] for kind in ("svg", "png", "gif") if entry[kind]]


def _comparisons(figure: Plot, results: Sequence[Result]) -> dict[str, pd.DataFrame]:
    """Return the tables of pairs that were computed of what a figure shows.

    They are found by the name of their analysis, which stands for the first of them (of an ANOVA, `posthoc` where it
    is declared), and as analysis.table: ``anova.paired``.
    """
    shown = set(figure.addresses().values())
    tables: dict[str, pd.DataFrame] = {}
    for result in results:
        for name, table in result.tables.items():
            if result.of in shown and "a" in table and "b" in table:
                tables.setdefault(result.name, table)
                tables.setdefault(f"{result.name}.{name}", table)
    return tables
