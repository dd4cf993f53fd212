import json

from artneuro.cli.printable import printable


def test_of_a_run_that_is_over(call, small):
    call("run", small, "--out", "run")
    answer = call("status", "run")
    assert answer.exit_code == 0
    lines = [line.split() for line in answer.stdout.splitlines()]
    assert lines[0] == ["small", "is", "done."]
    assert ["subjects", "4", "0", "0", "0", "0"] in lines
    assert ["LesionStudy", "4", "0", "0", "0", "0"] in lines
    found = json.loads(call("status", "run", "--json").stdout)
    assert (found["state"], found["study"]) == ("done", "small")
    assert found["kinds"]["subjects"] == {"done": 4, "running": 0, "failed": 0, "dropped": 0, "waiting": 0}


def test_no_run_is_a_sentence_and_an_exit_status(call):
    answer = call("status", "nowhere")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("nowhere: no run of a study lies here.")


def test_what_a_stranger_wrote_does_not_reach_the_terminal(call, tmp_path):
    """Escape sequences clear screens, set titles and, in some terminals, type."""
    evil = "a\x1b]0;title\x07\x1b[2J\u202eb"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "plan.json").write_text(json.dumps({"study": evil}))
    lines = [
        {"event": "run begun", "kinds": {evil: {"done": 1, "to_do": 1}}, "time": evil},
        {"event": "started", "task": evil, "kind": evil, "count": 1},
        {"event": "remark", "text": evil},
    ]
    (tmp_path / "run" / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    answer = call("status", "run")
    assert answer.exit_code == 0
    assert answer.stdout.count(r"a\x1b]0;title\x07\x1b[2J\u202eb") == 5  # study, kind, task, time, remark
    assert all(one.isprintable() or one == "\n" for one in answer.stdout)


def test_text_of_any_language_stays_as_it_is():
    text = "Grüße, 世界, עולם, λ = 0.1 ± 2·10⁻³ → “x”\n"
    assert printable(text) == text
