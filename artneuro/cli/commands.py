"""The commands. Each imports what it needs when it runs, so that `artneuro --help` answers at once."""

import functools
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from artneuro._version import __version__
from artneuro.cli.sentences import DEBUG, say, spoken
from artneuro.errors import SpecificationError

if TYPE_CHECKING:
    from rich.console import Console

    from artneuro.study.declaration import Declaration

P = ParamSpec("P")

app = typer.Typer(
    help="Experiments that treat trained neural networks as experimental animals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Study file (YAML).")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="Profile of the file to merge in.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a value, e.g. cohort.rearing.epochs=5. Repeatable."),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Where the data sets lie; by default $ARTNEURO_DATA, or data."),
]
Device = Annotated[str, typer.Option(metavar="NAME", help="Torch device: cpu, cuda, cuda:1.")]
Workers = Annotated[int, typer.Option(min=1, metavar="N", help="Worker processes. They never change a result.")]

Executor = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Who works: serial, processes or dask; by default serial, with workers processes."
    ),
]
Scheduler = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Scheduler of a running Dask cluster, e.g. tcp://10.0.0.1:8786.")
]
Patience = Annotated[
    float, typer.Option(metavar="MINUTES", help="A worker that uses no processor time for so long is ended.")
]


def _command(function: Callable[P, None]) -> Callable[P, None]:
    """Register a command whose errors are sentences."""

    @functools.wraps(function)
    def speaking(*args: P.args, **named: P.kwargs) -> None:
        with spoken(kept=function.__name__ in ("run", "tune")):
            function(*args, **named)

    return app.command(function.__name__.rstrip("_"))(speaking)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"artneuro {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")]
Debug = Annotated[bool, typer.Option("--debug", help="Print Python's traceback of a fault in artneuro.")]


@app.callback()
def _options(version: Version = False, debug: Debug = False) -> None:
    if debug:
        os.environ[DEBUG] = "1"


@_command
def run(
    file: File,
    out: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Run folder; by default runs/<study>.")] = None,
    profile: Profile = None,
    set_: Settings = None,
    data_root: DataRoot = None,
    workers: Workers = 1,
    device: Device = "cpu",
    executor: Executor = "",
    scheduler: Scheduler = "",
    patience: Patience = 10.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what goes wrong.")] = False,
) -> None:
    """Run a study, or go on with a run that was interrupted."""
    declaration = _declared(file, profile, set_, data_root)
    from artneuro.cli.progress import shown
    from artneuro.study.crew import Crew
    from artneuro.study.device import usable
    from artneuro.study.execution import run_study

    usable(device)
    crew = Crew(workers, executor, scheduler, patience * 60)
    folder = out or Path("runs") / "-".join(filter(None, [declaration.study.study, profile]))
    command = shlex.join(["artneuro", *sys.argv[1:]])
    try:
        with shown(_console(stderr=True), quiet) as listen:
            run_study(declaration.study, folder, data_root, crew, device, listen, command, file=file, foresee=not quiet)
    except SpecificationError as error:
        raise declaration.located(error.problems) from None
    if not quiet:
        from artneuro.cli.pages import answers

        answers(_console(), folder)


@_command
def status(
    run: Run, json_: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False
) -> None:
    """Tell how far a run is: while it works, from another window, or after it ended."""
    from artneuro.study.status import status as of

    found = of(run)
    if json_:
        typer.echo(json.dumps(found.plain(), indent=1))
        return
    from artneuro.cli.status import standing

    standing(_console(), found)


@_command
def tune(
    file: File,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of the search; by default runs/<study>-tune.")
    ] = None,
    profile: Profile = None,
    set_: Settings = None,
    data_root: DataRoot = None,
    workers: Workers = 1,
    device: Device = "cpu",
    executor: Executor = "",
    scheduler: Scheduler = "",
    patience: Patience = 10.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what goes wrong.")] = False,
) -> None:
    """Search the hyper-parameters that a study file declares, or go on with a search."""
    declaration = _declared(file, profile, set_, data_root)
    from artneuro.cli.progress import shown
    from artneuro.study.crew import Crew
    from artneuro.study.device import usable
    from artneuro.study.tuning.execution import tune_study

    usable(device)
    crew = Crew(workers, executor, scheduler, patience * 60)
    folder = out or Path("runs") / "-".join(filter(None, [declaration.study.study, profile, "tune"]))
    command = shlex.join(["artneuro", *sys.argv[1:]])
    with shown(_console(stderr=True), quiet) as listen:
        tune_study(declaration, folder, data_root, crew, device, listen, command, file=file)
    if not quiet:
        from artneuro.cli.tuning import found

        found(_console(), folder)


@_command
def check(
    file: File,
    profile: Profile = None,
    set_: Settings = None,
    data_root: DataRoot = None,
    workers: Workers = 1,
    device: Device = "cpu",
) -> None:
    """Check a study file and print its plan; nothing is written."""
    declaration = _declared(file, profile, set_, data_root)
    from artneuro.cli.pages import outlook
    from artneuro.environment.data_root import data_root_at
    from artneuro.study.device import usable
    from artneuro.study.fitting import in_pieces, require_disk, require_memory, tight
    from artneuro.study.forecast import forecast
    from artneuro.study.memory import largest_litters
    from artneuro.study.plan import plan_study

    usable(device)
    try:
        plan = plan_study(declaration.study, data_root, device)
    except SpecificationError as error:
        raise declaration.located(error.problems) from None
    if sys.stderr.isatty():
        say("Timing an excerpt of the work ...")
    with data_root_at(data_root):
        expected = forecast(plan, workers)
    animals = tuple(plan.animals.values())
    split = in_pieces(plan, animals, workers, largest_litters(plan, workers))
    remarks = (*tight(expected.memory, expected.disk, device, Path.cwd()), *filter(None, [split]))
    outlook(_console(), plan, expected, workers, remarks)
    require_memory(plan, animals, workers)
    require_disk(Path.cwd(), plan, animals)
    if declaration.study.tune is not None:
        from artneuro.cli.tuning import prospects
        from artneuro.study.tuning.prospect import prospect

        prospects(_console(), prospect(declaration, data_root, workers, device))


@_command
def list_() -> None:
    """List every family of specifications, one line a member."""
    from artneuro.cli.pages import catalogue
    from artneuro.registry import load_plugins

    load_plugins()
    catalogue(_console())


@_command
def describe(name: Annotated[str, typer.Argument(metavar="NAME", help="A name that `artneuro list` prints.")]) -> None:
    """Describe a name of the list: parameters, defaults, variables."""
    from artneuro.cli.pages import page
    from artneuro.registry import load_plugins

    load_plugins()
    page(_console(), name)


@_command
def analyse(run: Run) -> None:
    """Make statistics, verdicts and figures of a run again."""
    from artneuro.cli.pages import answers
    from artneuro.cli.progress import shown
    from artneuro.study.analysis import analyse as make

    with shown(_console(stderr=True), quiet=True) as listen:
        make(run, listen)
    answers(_console(), run)


@_command
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN ...", help="Run folders, two or more.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where tables and figures go.")] = Path("comparison"),
) -> None:
    """Put the cohorts of several runs into one test and one figure."""
    from artneuro.cli.pages import answers
    from artneuro.cli.progress import shown
    from artneuro.study.comparison import compare as make

    with shown(_console(stderr=True), quiet=True) as listen:
        make(runs, out, listen)
    answers(_console(), out)


@_command
def report(run: Run) -> None:
    """Write the report page of a run again."""
    from artneuro.study.report import write_report

    typer.echo(str(write_report(run)))


@_command
def schema() -> None:
    """Print the JSON Schema of study files, for editors."""
    from artneuro.study.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=1))


def _declared(file: Path, profile: str | None, settings: list[str] | None, data_root: Path | None) -> "Declaration":
    from artneuro.study.declaration import declared
    from artneuro.study.suitability import refusals

    return declared(file, profile, settings or (), lambda study: refusals(study, data_root))


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    bare = bool(os.environ.get("NO_COLOR"))  # also without bold and italics: nothing but text
    console = Console(stderr=stderr, color_system=None if bare else "auto", highlight=False)
    if not console.is_terminal:
        console.width = 160  # a file or a pipe has no window; long lines are for whoever reads it to wrap
    return console
