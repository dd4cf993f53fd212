import errno
import os
import signal
import subprocess
import sys
import time

import pytest
import typer

from artneuro.cli.sentences import spoken
from artneuro.errors import DataError, Problem, SpecificationError


def said(capsys, error):
    with pytest.raises(typer.Exit) as raised, spoken():
        raise error
    return raised.value.exit_code, capsys.readouterr().err


def test_problems_are_said_and_counted(capsys):
    error = SpecificationError([Problem("a", "this", "that"), Problem("b", "this", "that")])
    assert said(capsys, error) == (
        2,
        "a: required this; came that.\nb: required this; came that.\n2 problems; nothing was run.\n",
    )


def test_other_errors_of_ours_are_said(capsys):
    assert said(capsys, DataError("data/mnist: there is no such folder")) == (
        2,
        "data/mnist: there is no such folder\n",
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "Free some space"), (errno.EACCES, "--out"), (errno.EROFS, "--out"), (errno.EIO, "Input/output")],
)
def test_what_the_system_refuses_is_said_with_the_file(capsys, number, words):
    code, text = said(capsys, OSError(number, os.strerror(number), "runs/a/plan.json"))
    assert code == 2
    assert text.startswith("runs/a/plan.json: ")
    assert words in text


def test_full_memory_is_said(capsys):
    code, text = said(capsys, MemoryError())
    assert (code, "memory is full" in text) == (2, True)


def test_stopping_is_no_error(capsys):
    code, text = said(capsys, KeyboardInterrupt())
    assert code == 130
    assert text == "Stopped.\n"
    with pytest.raises(typer.Exit), spoken(kept=True):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "Stopped. What is finished is kept: the same command goes on from there.\n"


def test_who_has_been_asked_to_end_is_not_disturbed_by_being_asked_again(capsys):
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(typer.Exit) as left, spoken():
            signal.raise_signal(signal.SIGTERM)
        assert (left.value.exit_code, capsys.readouterr().err) == (143, "Stopped.\n")
        signal.raise_signal(signal.SIGTERM)  # would end this process
    finally:
        signal.signal(signal.SIGTERM, before)
    with spoken():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_fault_is_called_a_fault(capsys, monkeypatch):
    monkeypatch.delenv("ARTNEURO_DEBUG", raising=False)
    code, text = said(capsys, ZeroDivisionError("division by zero"))
    assert code == 1
    assert "A fault in artneuro" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "Traceback" not in text
    monkeypatch.setenv("ARTNEURO_DEBUG", "1")
    assert "Traceback" in said(capsys, ZeroDivisionError())[1]


def test_an_exit_passes(capsys):
    assert said(capsys, typer.Exit(7)) == (7, "")


def test_a_reader_that_has_gone_is_no_error():
    command = f"{sys.executable} -m artneuro.cli schema | head -c 10"
    answer = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert (len(answer.stdout), answer.stderr) == (10, "")


@pytest.mark.parametrize(
    ("asked", "code", "why"),
    [(signal.SIGINT, 130, "stopped from the keyboard"), (signal.SIGTERM, 143, "ended by SIGTERM")],
    ids=["Ctrl-C", "SIGTERM"],
)
@pytest.mark.parametrize(("page", "text"), [("plan.json", ""), ("run.log", "tasks to do")], ids=["begun", "at work"])
@pytest.mark.parametrize(
    "crew",
    [
        pytest.param([], id="serial"),
        pytest.param(["--workers", "2"], id="processes"),
        pytest.param(["--workers", "2", "--executor", "dask"], marks=pytest.mark.slow, id="dask"),
    ],
)
def test_a_run_that_is_asked_to_end_ends_calmly(small, tmp_path, crew, page, text, asked, code, why):
    """A terminal, or a batch system, asks all processes, workers that are just starting, too."""
    if "dask" in crew:
        pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    arguments = [sys.executable, "-m", "artneuro.cli", "run", str(small), "--set", "cohort.rearing.epochs=100000"]
    heeding = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background ignores it
    try:
        run = subprocess.Popen(
            arguments + crew,
            cwd=tmp_path,
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, heeding)
    until = time.monotonic() + 300  # for ever
    path = tmp_path / "runs" / "small" / page
    while run.poll() is None and not (path.exists() and text in path.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(run.pid, asked)
    try:
        said, _ = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == code
    if text:  # it had begun to work
        assert f"run interrupted: {why}" in (tmp_path / "runs" / "small" / "run.log").read_text()
    assert said.endswith("Stopped. What is finished is kept: the same command goes on from there.\n")
    assert "Traceback" not in said
