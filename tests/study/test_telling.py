import pytest

from artneuro.study.events import Analysing, Dropped, Failed, Finished, Planned, Progressed, Remark, Retried, Started
from artneuro.study.telling import Lines, duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "under 1 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599.7, "1 h 00 min"), (86400, "24 h 00 min")],
)
def test_durations_are_words(seconds, words):
    assert duration(seconds) == words


def test_every_end_of_a_task_counts_and_only_what_a_person_should_know_has_a_line():
    lines = Lines()
    events = [
        Planned(3, 1),
        Started("rear a"),
        Progressed("rear a", 1, 2),
        Retried("rear a", "its worker died. It is tried again as two.", more=1),
        Dropped("Census of a"),
        Failed("rear a", "it broke"),
        Finished("rear b", 5.0, None),
        Remark("b diverged"),
        Analysing(0, 0, 1),
        Planned(1, 3),
    ]
    assert [line for event in events if (line := lines.of(event))] == [
        "3 tasks to do; 1 done before.",
        "rear a: its worker died. It is tried again as two.",
        "rear a: could not be done: it broke",
        "[3/4] rear b, 5 s",
        "b diverged",
        "Analysing: 1 figure ...",
        "1 task to do; 3 done before.",
    ]
