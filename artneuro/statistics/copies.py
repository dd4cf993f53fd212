"""Copies: one animal that stands in several runs, told by its weights, so that it is counted once."""

import json
from collections.abc import Mapping, Sequence

import xarray as xr

from artneuro.errors import DesignError
from artneuro.statistics.wording import listing

SHOWN = 6
"""Names that a sentence lists."""


def without_copies(
    records: Mapping[str, xr.Dataset], variables: Sequence[str]
) -> tuple[dict[str, xr.Dataset], list[str]]:
    """Return the records of runs with every animal in one of them only, and in words who is left out.

    Two subjects are one animal, measured once, where the fingerprints of their weights are equal and every value is:
    of a run that was copied, or reared again with more subjects. Equal weights with other values are one animal
    measured in another way, or twins at birth that were treated otherwise: both stay, and the words say that they are
    no strangers. A record without provenance names no weights, so nothing is known of its subjects.

    Parameters
    ----------
    records : mapping of run to Dataset
        One record of several runs, with subjects named as each run names them.
    variables : sequence of str
        Those that all of them have, by which subjects are compared.

    Raises
    ------
    DesignError
        Where fewer than two runs hold an animal of their own; the text names the copies.
    """
    known: dict[str, dict[str, xr.Dataset]] = {}  # of earlier runs: weights -> name -> values
    kept: dict[str, xr.Dataset] = {}
    copies: list[str] = []
    again: list[str] = []
    for run, record in records.items():
        values = {str(each): record[list(variables)].sel(subject=each, drop=True) for each in record["subject"].values}
        weights = _weights(record)
        own: list[str] = []
        for subject, measured in values.items():
            before = known.get(weights.get(subject, ""), {})
            same = [name for name, other in before.items() if _equal(measured, other)]
            if same:
                copies.append(f"{run}/{subject} is {same[0]}")
            else:
                own.append(subject)
                again += [f"{run}/{subject} and {name}" for name in list(before)[:1]]
        for subject in own:
            known.setdefault(weights.get(subject, f"{run}/{subject}"), {})[f"{run}/{subject}"] = values[subject]
        if own:
            kept[run] = record.sel(subject=own)
    if copies and len(kept) < 2:
        raise DesignError(
            f"there is nothing to compare: every subject is in {listing(kept)} already, with equal weights and equal "
            f"values ({listing(copies, SHOWN)}). Compare runs that reared subjects of their own (`cohort: first_seed`)."
        )
    notes = []
    if copies:
        notes.append(f"Counted once, because weights and values are equal: {listing(copies, SHOWN)}.")
    if again:
        notes.append(
            f"Of equal weights with other values, so measured or treated otherwise, and no strangers: "
            f"{listing(again, SHOWN)}. A test that pairs by seed takes them as what they are."
        )
    return kept, notes


def _weights(record: xr.Dataset) -> Mapping[str, str]:
    """Return the fingerprint of the weights that each subject was measured on."""
    weights: Mapping[str, str] = json.loads(record.attrs.get("provenance", "{}")).get("weights", {})
    return weights


def _equal(one: xr.Dataset, other: xr.Dataset) -> bool:
    return bool(one.drop_vars(one.coords).equals(other.drop_vars(other.coords)))
