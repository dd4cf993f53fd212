"""Study files from strangers: each is refused in a sentence, within bounds, and nothing is executed or written.

Every file is read and planned in a child process of its own, which may take one gibibyte more than it has and half a
minute; a child that needs more, or ends with anything but a refusal, fails the test.
"""

import os
import resource
import signal
import warnings
from pathlib import Path

import pytest
import torch

from artneuro.errors import ArtneuroError
from artneuro.study.declaration import declared
from artneuro.study.plan import plan_study

WHOLE = """\
study: small
question: Is it data?
cohort:
  n: 2
  anatomy: {mlp: {widths: [8]}}
  environment: {one_hot: {n: 8}}
  rearing: {epochs: 2, batch: 4}
protocols: []
"""


def but(old, new):
    """The whole study, with something else in one place."""
    assert old in WHOLE
    return WHOLE.replace(old, new)


def laughs(kind):
    """Nine lines of aliases that stand for ten to the ninth values."""
    opening, closing = "[]" if kind == "list" else "{}"
    lines = [f"a0: &a0 {opening}{closing}"]
    for level in range(1, 10):
        inner = ", ".join(f"{f'k{place}: ' if kind == 'map' else ''}*a{level - 1}" for place in range(10))
        lines.append(f"a{level}: &a{level} {opening}{inner}{closing}")
    return "\n".join(lines) + "\n" + WHOLE


EXECUTE = "!!python/object/apply:os.system ['touch pwned']"
CORPUS = {
    "aliases of lists": laughs("list"),
    "aliases of mappings": laughs("map"),
    "an alias of itself": "a: &a [*a]\n" + WHOLE,
    "aliases of text": f"x: &x {'y' * 60_000}\nz: [{', '.join(['*x'] * 45_000)}]\n" + WHOLE,
    "deep lists": "question: " + "[" * 100_000,
    "deep mappings": "question: " + "{a: " * 50_000,
    "deep blocks": "".join(f"{' ' * level}a:\n" for level in range(700)),
    "deep block lists": "- " * 100_000,
    "many documents": "--- a\n" * 30_000,
    "many keys": "".join(f"k{number}: 1\n" for number in range(4_000)),
    "a long key": f"{'k' * 250_000}: 1\n" + WHOLE,
    "large": WHOLE + "#" * 300_000,
    "an object": but("Is it data?", EXECUTE),
    "a new object": but("Is it data?", "!!python/object/new:subprocess.Popen [[touch, pwned]]"),
    "a module": but("Is it data?", "!!python/module:antigravity"),
    "a name": but("n: 2", "n: !!python/name:os.system"),
    "a tag of its own": but("n: 2", "n: !steal 2"),
    "a tag by its prefix": f"%TAG ! tag:yaml.org,2002:python/\n---\n{but('n: 2', 'n: !object/apply:os.system [ls]')}",
    "binary": but("Is it data?", "!!binary AAAA"),
    "a set": but("n: 2", "n: !!set {a, b}"),
    "keys twice": WHOLE + "study: other\n",
    "a merge of keys": "base: &base {n: 3}\n" + but("  n: 2", "  <<: *base"),
    "a null character": but("Is it data?", '"a\0b"'),
    "control characters": but("small", '"a\\x1b[2J\\x07"'),
    "no text": "\xff\xfe" + WHOLE,
    "a study named like a path": but("small", "../../outside"),
    "a study named like a root": but("small", "/tmp/outside"),
    "a study named like a home": but("small", "~"),
    "a study named like a hidden file": but("small", ".ssh"),
    "a study with a long name": but("small", "s" * 5_000),
    "an arm named like a path": but("  n: 2", "  arms: {../../a: []}\n  n: 2"),
    "a record named like a path": but("protocols: []", "protocols: [{LesionStudy: {site: hidden1}, as: ../x}]"),
    "a hypothesis named like a path": WHOLE + "hypotheses: {../x: {claim: a > b, of: History.test_accuracy}}\n",
    "data above the data root": but("{one_hot: {n: 8}}", "{arrays: {path: ../../secret.npz}}"),
    "data above it, written for another system": but("{one_hot: {n: 8}}", "{image_folder: {path: '..\\..\\secret'}}"),
    "data with a null character": but("{one_hot: {n: 8}}", '{arrays: {path: "a\\0.npz"}}'),
    "data that are the machine's": but("{one_hot: {n: 8}}", "{arrays: {path: /dev/zero}}"),
    "data of another user": but("{one_hot: {n: 8}}", "{arrays: {path: /root/secret.npz}}"),
    "data of a disk of another system": but("{one_hot: {n: 8}}", "{image_folder: {path: 'C:secret'}}"),
    "code of somebody": but("{mlp: {widths: [8]}}", "{module: {name: 'os:system', source: '0000000000000000'}}"),
    "infinity": but("n: 2", "n: .inf"),
    "more than infinity": but("epochs: 2", "epochs: 1e999"),
    "a number of many digits": but("n: 2", f"n: {'9' * 200_000}"),
    "a number of many digits, in hexadecimal": but("n: 2", f"n: 0x{'f' * 200_000}"),
    "a number of many digits, in octal": but("n: 2", f"n: 0o{'7' * 200_000}"),
    "a float of many digits": but("batch: 4", f"batch: 4, optimizer: {{sgd: {{lr: 0.{'1' * 200_000}e-400000}}}}"),
    "more subjects than a person has": but("n: 2", "n: 9000000000000000000"),
    "many subjects in many arms": but(
        "  n: 2", "  n: 100000\n  arms: {" + ", ".join(f"a{arm}: []" for arm in range(1_000)) + "}"
    ),
    "ages without end": but("epochs: 2", "epochs: 9000000000000000000").replace(
        "protocols: []", "protocols: [{LesionStudy: {site: hidden1}, ages: {every: 1}}]"
    ),
    "many measurements": but("  n: 2", "  n: 1000")
    .replace("epochs: 2", "epochs: 1000000")
    .replace("protocols: []", "protocols: [{LesionStudy: {site: hidden1}, ages: {every: 1}}]"),
    "weights that no memory holds": but("[8]", "[1000000000, 1000000000]"),
    "weights that fill any memory": but("[8]", "[200000, 200000]"),
    "layers without end": but("[8]", f"[{', '.join(['8'] * 8_000)}]"),
    "stimuli that no memory holds": but("n: 8", "n: 9000000000"),
    "stimuli that fill any memory": but("n: 8", "n: 300000"),
}


def contained(work):
    """Do work in a child that may take a gibibyte and half a minute; return how it refused."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads: there is one that computes, and none is used
        child = os.fork()
    if child == 0:
        signal.alarm(30)
        torch.set_num_threads(1)
        has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (has + 2**30, has + 2**30))
        try:
            work()
            said = "taken"
        except ArtneuroError as refusal:
            said = f"refused: {refusal}"
        except BaseException as fault:
            said = f"{type(fault).__name__}: {fault}"
        os.write(writing, said.encode(errors="replace")[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    assert status == 0, f"it ended with {os.waitstatus_to_exitcode(status)}"
    return said


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory can be bounded on Linux only")
@pytest.mark.parametrize("name", CORPUS)
def test_it_is_refused_in_a_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hostile.yaml").write_bytes(CORPUS[name].encode("latin-1" if name == "no text" else "utf-8"))
    said = contained(lambda: plan_study(declared(tmp_path / "hostile.yaml", None, ()).study, tmp_path))
    assert said.startswith("refused: "), said
    assert len(said) < 15_000  # fifty problems, and how many more there are
    assert [path.name for path in tmp_path.iterdir()] == ["hostile.yaml"]


def test_the_whole_study_is_taken(tmp_path):
    (tmp_path / "whole.yaml").write_text(WHOLE)
    assert len(plan_study(declared(tmp_path / "whole.yaml", None, ()).study, tmp_path).subjects) == 2
