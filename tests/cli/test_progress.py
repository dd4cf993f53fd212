import io
import re

import pytest
from rich.console import Console

from artneuro.cli.progress import shown
from artneuro.study.events import Analysing, Dropped, Failed, Finished, Planned, Progressed, Remark, Retried, Started

EVENTS = [
    Planned(tasks=2, done=1),
    Started("rear clean"),
    Progressed("rear clean", 1, 4),
    Progressed("rear clean", 4, 4),
    Finished("rear clean", 3.2, 75.0),
    Retried("rear clean", "its worker died. It is tried once more."),
    Remark("history.nc is damaged: made anew"),
    Started("measure clean"),
    Failed("measure clean", "it broke"),
]


def told(quiet, terminal, events=EVENTS):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100, color_system=None)
    with shown(console, quiet) as listen:
        for event in events:
            listen(event)
    return stream.getvalue()


def test_without_a_terminal_each_task_is_a_line():
    assert told(quiet=False, terminal=False).splitlines() == [
        "2 tasks to do; 1 done before.",
        "[1/2] rear clean, 3 s, about 1 min 15 s left",
        "rear clean: its worker died. It is tried once more.",
        "history.nc is damaged: made anew",
        "measure clean: could not be done: it broke",
    ]


FALLING = [Planned(4, 0), Dropped("measure clean-1"), Failed("measure clean-2", "it broke"), Finished("x", 1.0, None)]


def test_what_falls_away_or_fails_counts_as_done():
    lines = told(quiet=False, terminal=False, events=[*FALLING, Finished("y", 1.0, 0.0)]).splitlines()
    assert [line[:5] for line in lines if line.startswith("[")] == ["[3/4]", "[4/4]"]
    assert "4/4" in told(quiet=False, terminal=True, events=[*FALLING, Finished("y", 1.0, 0.0)])


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Analysing(1, 2, 3), "Analysing: 1 analysis, 2 hypotheses, 3 figures ..."),
        (Analysing(0, 1, 0), "Analysing: 1 hypothesis ..."),
        (Analysing(0, 0, 0), "Analysing ..."),
    ],
)
def test_the_seconds_after_the_last_task_have_a_line(event, line):
    assert told(quiet=False, terminal=False, events=[event]).splitlines() == [line]
    assert line in told(quiet=False, terminal=True, events=[event])
    assert told(quiet=True, terminal=False, events=[event]) == ""


def test_quiet_is_what_needs_attention():
    assert told(quiet=True, terminal=False).splitlines() == [
        "rear clean: its worker died. It is tried once more.",
        "history.nc is damaged: made anew",
        "measure clean: could not be done: it broke",
    ]


def test_on_a_terminal_there_are_bars_with_the_time_left():
    text = told(quiet=False, terminal=True)
    assert "rear clean" in text
    assert "3/3" in text  # the failed task counts: nothing more will come of it
    assert "about 1 min 15 s left" in text
    assert "measure clean: could not be done: it broke" in text


def test_a_litter_has_its_own_time_left():
    growing = [Planned(2, 0), Started("rear half"), Progressed("rear half", 1, 9), Progressed("rear half", 2, 9)]
    text = told(quiet=False, terminal=True, events=[*growing, Remark("so far, so good")])
    assert re.search(r"rear half .* 2/9 +(nearly done|about .* left)", text)
