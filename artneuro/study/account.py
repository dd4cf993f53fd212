"""Account: what a run asked, found and left out; what the report tells."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs

from artneuro.statistics.verdict import Verdict


@final
@attrs.frozen
class Table:
    """A table of an analysis: its file, the columns, the rows as text, and how many rows the file has."""

    name: str
    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


@final
@attrs.frozen
class Answer:
    """What one analysis answered, or why it could not."""

    name: str
    of: str = ""
    sentences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    refused: str = ""


@final
@attrs.frozen
class Picture:
    """One figure: its SVG as it lies in the file, or why it could not be drawn."""

    name: str
    title: str = ""
    caption: str = ""
    svg: bytes = b""
    refused: str = ""

    @property
    def source(self) -> str:
        """The SVG as a data URI: as an image it can run nothing and load nothing, whatever is in it."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode("ascii")

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels, so that the page keeps the room before the image is decoded."""
        found = re.search(rb'<svg[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"', self.svg[:2000])
        return (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)) if found else None


@final
@attrs.frozen
class Group:
    """An arm of the design: who is in it, what is done to them, and what it changes of the cohort."""

    label: str
    seeds: str
    asked: int
    sound: int
    interventions: str
    changes: tuple[tuple[str, str], ...] = ()


@final
@attrs.frozen
class Account:
    """What a run asked, found and left out.

    Parameters
    ----------
    study, question, source : str
    verdicts : sequence of Verdict
    late : sequence of str
        Labels of the hypotheses that were declared after the data.
    groups : sequence of Group
        The design, arm by arm.
    cohort : sequence of (name, value)
        What all arms share.
    protocols : sequence of (name of record, what was measured)
    pictures : sequence of Picture
    answers : sequence of Answer
    losses : sequence of (name of record, who is not in it and why)
    sessions : sequence of mapping
        As `provenance.json` has them.
    environments : sequence of str
        Fingerprints of the stimuli.
    declaration : str
        `study.yaml`.
    remarks : sequence of str
        What a reader must know before anything else: a run that is not complete or not analysed.
    """

    study: str
    question: str
    source: str = ""
    verdicts: Sequence[Verdict] = ()
    late: Sequence[str] = ()
    groups: Sequence[Group] = ()
    cohort: Sequence[tuple[str, str]] = ()
    protocols: Sequence[tuple[str, str]] = ()
    pictures: Sequence[Picture] = ()
    answers: Sequence[Answer] = ()
    losses: Sequence[tuple[str, str]] = ()
    sessions: Sequence[Mapping[str, Any]] = ()
    environments: Sequence[str] = ()
    declaration: str = ""
    remarks: Sequence[str] = ()
