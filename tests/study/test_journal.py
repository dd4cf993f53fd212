import json
import re

from artneuro.study.events import Finished, Gathered, Planned, Remark, Started
from artneuro.study.journal import Journal
from artneuro.study.store import Store


def test_what_is_told_is_kept_as_lines_and_passed_on(tmp_path):
    heard = []
    journal = Journal(Store(tmp_path), heard.append)
    events = [
        Planned(1, 0),
        Started("rear a"),
        Finished("rear a", 2.0, 0.0),
        Remark("a diverged"),
        Gathered(2, "http://x"),
    ]
    for event in events:
        journal.hear(event)
    journal.note("run done")
    assert heard == events
    lines = (tmp_path / "run.log").read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ", line) for line in lines)
    assert [line[22:] for line in lines] == [
        "1 task to do.",
        "[1/1] rear a, 2 s, nearly done",
        "a diverged",
        "2 workers are there. Dashboard: http://x",
        "run done",
    ]
    remark, gathered = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    assert (remark["event"], remark["text"]) == ("remark", "a diverged")
    assert (gathered["event"], gathered["workers"], gathered["dashboard"]) == ("gathered", 2, "http://x")
