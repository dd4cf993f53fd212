"""Pages: what the command line prints about families, their members and plans."""

import inspect
import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from shutil import disk_usage

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from artneuro import registry
from artneuro.cli.printable import printable
from artneuro.cohort import Arm
from artneuro.described import describe
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec
from artneuro.protocols.protocol import Protocol
from artneuro.rearing.deficits.own_deficit import OwnDeficit
from artneuro.rearing.rearing import Augmentation, Rearing
from artneuro.rearing.timing import Window
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.study.ages import Tracking
from artneuro.study.forecast import Forecast
from artneuro.study.machine import machine_bytes
from artneuro.study.plan import Plan
from artneuro.study.study import CohortDesign, Entry, Study
from artneuro.study.telling import duration, size
from artneuro.study.tuning.declaration import Range, Tune

Row = Sequence[str]

SECTIONS: Mapping[str, type[Spec]] = {
    "study": Study,
    "cohort": CohortDesign,
    "arm": Arm,
    "rearing": Rearing,
    "augmentation": Augmentation,
    "window": Window,
    "entry": Entry,
    "tracking": Tracking,
    "hypothesis": Hypothesis,
    "tune": Tune,
    "range": Range,
}
"""Parts of a study file that belong to no family, by the name under which `describe` knows them."""


WRITTEN: Mapping[str, str] = {"protocol": "<protocol>", "name": "as"}
"""How a study file writes an entry: the protocol's own name is the key of its parameters, `as` no Python name."""


def pictured(cls: type) -> bool:
    """Tell whether the documentation has a picture of what a class does: of every deficit but those of users."""
    return cls.__module__.startswith("artneuro.rearing.deficits.") and cls is not OwnDeficit


def catalogue(console: Console) -> None:
    """Print every family with one line a member, and the parts of a study file."""
    for word in registry.families():
        members = registry.members(word)
        if members:
            print_heading(console, word)
            print_table(console, ((name, summary(cls)) for name, cls in sorted(members.items())))
    print_heading(console, "parts of a study file")
    print_table(console, ((name, summary(cls)) for name, cls in SECTIONS.items()))


def page(console: Console, name: str) -> None:
    """Print what is known about a member of a family or a part of a study file.

    Raises
    ------
    SpecificationError
        Where there is none of that name; the message carries the nearest names.
    """
    found = [(word, registry.members(word)[name]) for word in registry.families() if name in registry.members(word)]
    if name in SECTIONS:
        found.append(("part of a study file", SECTIONS[name]))
    if not found:
        known = sorted({*SECTIONS, *(member for word in registry.families() for member in registry.members(word))})
        required = "a name that `artneuro list` prints"
        raise SpecificationError([Problem("describe", required, repr(name), _near(name, known))])
    for word, cls in found:
        print_heading(console, f"{name} ({word})")
        print_text(console, inspect.cleandoc(cls.__doc__ or ""))
        if pictured(cls):
            print_heading(console, "picture")
            print_text(console, f"docs/pictures/{name}.png, on the page docs/deficits.md")
        print_heading(console, "parameters")
        print_table(console, _parameters(cls) or [("none",)], ("name", "required", "default", "unit", "meaning"))
        if issubclass(cls, Protocol):
            print_heading(console, "variables of the record, besides the dim subject")
            outputs = [(key, ", ".join(label.dims), label.units, label.long_name) for key, label in cls.outputs.items()]
            print_table(console, outputs, ("name", "dims", "unit", "meaning"))


def _parameters(cls: type[Spec]) -> list[Row]:
    """Return the parameters as a study file writes them, required ones first."""
    ordered = sorted(describe(cls), key=lambda row: row.default != "required")
    units = {"1": ""}  # a count, a ratio, a name
    written = WRITTEN if cls is Entry else {}
    return [
        (written.get(row.name, row.name), row.required, row.default, units.get(row.units, row.units), row.doc)
        for row in ordered
    ]


def outlook(console: Console, plan: Plan, expected: Forecast, workers: int, remarks: Sequence[str] = ()) -> None:
    """Print what a study would do and take."""
    study = plan.study
    print_line(console, f"{study.study}: {study.question}", "bold")
    print_heading(console, "arms")
    print_table(console, _arms(study), ("arm", "subjects", "epochs", "interventions"))
    print_heading(console, "protocols")
    protocols = _protocols(plan)
    print_table(console, protocols or [("none",)], ("record", "arms", "ages", "measurements") if protocols else ())
    print_heading(console, "expected")
    print_table(console, _expected(plan, expected, workers))
    for note in (*expected.notes, *remarks):
        print_text(console, note)


def _arms(study: Study) -> list[Row]:
    rows: list[Row] = []
    for label, arm in study.arms.items():
        epochs = (arm.rearing or study.cohort.rearing).epochs
        treated = ", ".join(str(registry.name_of(type(intervention))) for intervention in arm.interventions)
        rows.append((label, str(study.cohort.n), str(epochs), treated or "none"))
    return rows


def _protocols(plan: Plan) -> list[Row]:
    rows: list[Row] = []
    for entry in plan.study.protocols:
        ages = _ages(plan.study.ages(entry))
        parts = sum(part.record == entry.name for part in plan.parts)
        rows.append((entry.name, ", ".join(plan.study.measured(entry)), ages, str(parts)))
    return rows


def _ages(ages: Sequence[int] | None) -> str:
    """Return ages in words; of many, the first and the last.

    Examples
    --------
    >>> _ages(None), _ages((0, 5)), _ages(range(0, 101, 5))
    ('at the end', '0, 5', '0, 5 ... 100 (21)')
    """
    if ages is None:
        return "at the end"
    return ", ".join(map(str, ages)) if len(ages) <= 10 else f"{ages[0]}, {ages[1]} ... {ages[-1]} ({len(ages)})"


def _expected(plan: Plan, expected: Forecast, workers: int) -> list[Row]:
    shared = len(plan.subjects) + len(plan.twins) - len(plan.animals)
    also = f" ({shared} more are the same animal in another place)" if shared else ""
    epochs, alone = plan.epochs()
    instead = f" (instead of {alone}: shared beginnings are lived once)" if epochs < alone else ""
    return [
        ("subjects to rear", f"{len(plan.animals)}{also}"),
        ("epochs to rear", f"{epochs}{instead}"),
        ("measurements", str(len({part.key for part in plan.parts}))),
        ("time", f"{duration(expected.seconds)} on {plan.computing.device} with {_count(workers, 'worker')}"),
        ("memory", f"{size(expected.memory)} of {size(machine_bytes(plan.computing.device))}"),
        ("disk", f"{size(expected.disk)} of {size(disk_usage(Path.cwd()).free)} that are free here"),
    ]


def answers(console: Console, folder: Path) -> None:
    """Print what came of the analyses and hypotheses of a run or a comparison, and where to look further."""
    sentences: list[str] = []
    notes: dict[str, None] = {}  # each once, in the order in which hypotheses have them
    for analysis in json.loads((folder / "statistics" / "results.json").read_text(encoding="utf-8")):
        sentences += [] if analysis["refused"] else analysis["sentences"][:1]
    if (folder / "hypotheses.json").is_file():
        for verdict in json.loads((folder / "hypotheses.json").read_text("utf-8")):
            sentences.append(verdict["sentence"])
            notes |= dict.fromkeys(verdict["notes"])
    for sentence in [*sentences, *notes]:
        print_line(console, sentence)
    report = folder / "report.html"
    print_line(console, f"See {report if report.is_file() else folder}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def summary(cls: type) -> str:
    """Return the first sentence of a class's description."""
    return inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]


def _near(name: str, known: Sequence[str]) -> str:
    lower = {member.lower(): member for member in known}
    near = [lower[match] for match in get_close_matches(name.lower(), list(lower), n=3, cutoff=0.5)]
    return f"Did you mean {' or '.join(near)}?" if near else "Valid: " + ", ".join(known) + "."


def print_line(console: Console, text: str, style: str = "") -> None:
    """Print a line, however long."""
    console.print(Text(printable(text), style=style), soft_wrap=True)


def print_heading(console: Console, text: str) -> None:
    """Print a heading after an empty line."""
    console.print()
    print_line(console, text, "bold")


def print_text(console: Console, text: str) -> None:
    """Print a text below a heading."""
    _write(console, Padding(Text(printable(text)), (0, 0, 0, 2)))


def _write(console: Console, what: RenderableType) -> None:
    """Write without the blanks that fill lines up."""
    with console.capture() as printed:
        console.print(what)
    console.file.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def print_table(console: Console, rows: Iterable[Row], heads: Row = ()) -> None:
    """Print rows under heads; a row may be shorter than the heads."""
    rows = list(rows)
    table = Table(box=None, show_header=bool(heads), pad_edge=False, padding=(0, 2, 0, 0), header_style="italic")
    for place in range(max(map(len, rows), default=0)):
        table.add_column(heads[place] if heads else "", overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    _write(console, Padding(table, (0, 0, 0, 2)))
