"""The pages under docs/ are true: their code runs, prints what they show, and their tables are those of the code.

    python tests/test_docs.py

writes outputs and tables into the pages again, after a change that is meant.
"""

import contextlib
import inspect
import io
import os
import re
import subprocess
import sys
import tomllib
import types
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import artneuro as an
from artneuro import registry
from artneuro.cli import app
from artneuro.cli.pages import SECTIONS, summary
from artneuro.described import describe
from artneuro.errors import SpecificationError
from artneuro.labels import COORDS, DIMS, Label
from artneuro.rearing.history import MEASURES
from artneuro.statistics.verdict import Verdict

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUNNING = (
    "tutorial",
    "how-to/protocol",
    "how-to/intervention",
    "how-to/anatomy",
    "how-to/tune",
    "how-to/run",
    "how-to/brains",
    "study-file",
    "deficits",
    "statistics",
    "information",
    "networks",
    "wiring",
    "representations",
    "bridges",
    "reference/anatomies",
    "reference/brains",
    "reference/environments",
    "reference/predictors",
)
FENCE = re.compile(r"^```(?P<kind>\w+)(?P<title> title=\"(?P<file>[^\"]+)\")?\n(?P<body>.*?)^```$", re.M | re.S)
TABLE = re.compile(r"(?<=<!-- table: )(?P<name>[\w. ]+) -->\n.*?(?=<!-- end -->)", re.S)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")
SHELL = ("artneuro ", "pip install ", "pytest", "mkdocs ")


def folder_as_package(folder: Path) -> None:
    """What pip would note of the pyproject.toml in a folder: enough for entry points to be found."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def call(line: str) -> str:
    """What a command prints on standard output; it must succeed."""
    answer = CliRunner(env={"NO_COLOR": "1"}).invoke(app, line.split()[1:], prog_name="artneuro")
    assert answer.exit_code == 0, f"{line}\n{answer.output}\n{answer.exception!r}"
    return answer.stdout


def check_tests(path: Path) -> None:
    """Run every test of a file that a page shows."""
    module = types.ModuleType(path.stem)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert tests, f"{path.name} holds no test"
    for test in tests:
        test()


def printed(block: re.Match[str], names: dict[str, object]) -> str | None:
    """What a block prints when it is done as a reader would; None where it only shows something."""
    kind, file, body = block["kind"], block["file"], block["body"]
    if file is not None:
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
        if path.name.startswith("test_"):
            check_tests(path)
        if path.name == "pyproject.toml":
            folder_as_package(path.parent.resolve())
        return None
    if kind == "bash":
        assert all(line.startswith(SHELL) for line in body.splitlines()), f"cannot run:\n{body}"
        return "".join(call(line) for line in body.splitlines() if line.startswith("artneuro "))
    if kind == "python":
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(body, "page", "exec"), names)
        return out.getvalue()
    return None


def walked(page: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each block of a page that shows an output, with what the block before it printed."""
    names: dict[str, object] = {"__name__": "__main__"}
    output: str | None = None
    for block in FENCE.finditer((DOCS / f"{page}.md").read_text(encoding="utf-8")):
        if block["kind"] == "text" and output is not None:
            yield block, output
            output = None
        else:
            output = printed(block, names)


def alike(shown: str, came: str) -> bool:
    """Whether a page shows what came: equal words; `...` stands for lines left out.

    Numbers may differ: the last bits of training depend on the processor, and training amplifies them.
    """
    pattern = r"(?:.*\n)*?".join(re.escape(masked(part)) for part in re.split(r"^\.\.\.\n", shown, flags=re.M))
    return re.fullmatch(pattern, masked(came)) is not None


def masked(text: str) -> str:
    text = "".join(f"{line.strip()}\n" for line in text.splitlines())
    return re.sub(r" +", " ", NUMBER.sub("#", text)).replace("p < #", "p = #")


@contextlib.contextmanager
def workplace(folder: Path) -> Iterator[None]:
    """An empty folder to work in, on the path; what is registered or imported in it is forgotten afterwards."""
    before, modules, registered = Path.cwd(), set(sys.modules), (registry._members, registry._names)
    registry._members = {word: dict(members) for word, members in registered[0].items()}
    registry._names = dict(registered[1])
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)
        registry._members, registry._names = registered
        for name in set(sys.modules) - modules:
            if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return row(*heads) + row(*("---" for _ in heads)) + "".join(row(*cells) for cells in rows)


def labels(entries: dict[str, Label] | object, dims: bool = True) -> str:
    heads = ("name", *(("dims",) if dims else ()), "unit", "meaning")
    rows = []
    for name, label in entries.items():  # type: ignore[attr-defined]
        along = (", ".join(label.dims) or "-",) if dims else ()
        rows.append((f"`{name}`", *along, label.units, label.long_name))
    return table(heads, rows)


AS_WRITTEN = {("entry", "protocol"): "NAME", ("entry", "name"): "as"}
"""A protocol's entry holds the protocol under its own name, and the record's name under `as`."""


KEY_HEADS = ("key", "required", "default", "unit", "meaning")
SHARED_BY = 3
"""Members of a family that must have the very same key for it to be told once, before them all."""


def keys(cls: type, part: str = "") -> list[tuple[str, ...]]:
    rows = []
    for one in sorted(describe(cls), key=lambda one: one.default != "required"):
        default = one.default if len(one.default) < 40 else "see its own table"
        name = AS_WRITTEN.get((part, one.name), one.name)
        rows.append((f"`{name}`", one.required, f"`{default}`", one.units, one.doc))
    return rows


def parameters(cls: type, part: str = "") -> str:
    rows = keys(cls, part)
    return table(KEY_HEADS, rows) if rows else "No parameters.\n"


def family(word: str) -> str:
    """Every member of a family with its own keys, after those that several share."""
    members = own_members(word)
    of = {member: keys(cls) for member, cls in members.items()}
    counts = Counter(row for rows in of.values() for row in rows)
    often = {row[0]: row for row, count in sorted(counts.items(), key=lambda one: one[1]) if count >= SHARED_BY}
    shared = [row for row in counts if row in often.values()]  # of several versions of a key, the one that most have
    parts = []
    if shared:
        parts.append(f"Keys that several of them have, named again where they hold:\n\n{table(KEY_HEADS, shared)}")
    for member, cls in members.items():
        said = [re.sub(r"``?", "`", summary(cls))]
        own = [row for row in of[member] if row not in shared]
        if own:
            said.append(table(KEY_HEADS, own).rstrip())
        elif not of[member]:
            said.append("No parameters.")
        if len(own) < len(of[member]):
            names = ", ".join(row[0] for row in of[member] if row in shared)
            said.append(f"{'Also' if own else 'Only what is shared'}: {names}.")
        parts.append(f"#### `{member}` {{ #{word}-{member} }}\n\n" + "\n\n".join(said) + "\n")
    return "\n".join(parts)


def own_members(word: str) -> dict[str, type]:
    """The members of a family that artneuro brings; plugins have pages of their own."""
    return {
        name: cls
        for name, cls in sorted(registry.members(word).items())
        if cls.__module__.startswith("artneuro.") and name not in ("module", "OwnDeficit")
    }


def rendered(name: str) -> str:
    """The table of a name, as the code has it."""
    if name == "dims":
        return labels(DIMS, dims=False)
    if name == "coords":
        return labels(COORDS)
    if name == "history":
        return labels(MEASURES)
    if name in SECTIONS:
        return parameters(SECTIONS[name], name)
    word, _, member = name.partition(" ")
    if word == "parameters":
        module, _, cls = member.rpartition(".")
        return parameters(getattr(import_module(module), cls))
    if word == "variables":
        return labels(registry.members("protocol")[member].outputs)  # type: ignore[attr-defined]
    return family(word)


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", RUNNING)
def test_the_code_of_a_page_runs_and_prints_what_the_page_shows(page, tmp_path):
    with workplace(tmp_path):
        for block, came in walked(page):
            assert alike(block["body"], came), f"{page}.md shows\n{block['body']}\nand there came\n{came}"


def test_every_page_with_python_code_is_run():
    written = {str(path.relative_to(DOCS).with_suffix("")) for path in pages() if "```python" in path.read_text()}
    # what the architecture page shows are proportions, "not code to copy"; the page on clusters needs SLURM
    assert written - {"architecture", "how-to/cluster"} == {
        page for page in RUNNING if "```python" in (DOCS / f"{page}.md").read_text()
    }


@pytest.mark.parametrize("page", [path for path in pages() if "<!-- table:" in path.read_text()], ids=lambda p: p.stem)
def test_tables_are_those_of_the_code(page):
    for found in TABLE.finditer(page.read_text(encoding="utf-8")):
        shown = found[0].partition(" -->\n")[2].strip()
        assert shown == rendered(found["name"]).strip(), "run: python tests/test_docs.py"


def test_the_data_model_has_every_protocol_and_every_field_of_a_verdict():
    page = (DOCS / "data-model.md").read_text(encoding="utf-8")
    for protocol in own_members("protocol"):
        assert f"<!-- table: variables {protocol} -->" in page
    for field in inspect.signature(Verdict).parameters:
        assert f"`{field}`" in page


def test_the_page_on_study_files_has_every_part_family_and_form_of_a_claim():
    page = (DOCS / "study-file.md").read_text(encoding="utf-8")
    for part in SECTIONS:
        assert f"<!-- table: {part} -->" in page
    for word in registry.families():
        assert f"<!-- table: {word} -->" in page or word.startswith("test")  # families of other tests
    with pytest.raises(SpecificationError) as unreadable:
        an.statistics.parse("?")
    forms = re.findall(r'"([^"]+)"', unreadable.value.problems[0].required)  # what a wrong claim is answered with
    assert len(forms) > 5
    for form in forms:
        assert f"`{form}`" in page


def test_every_key_of_every_member_is_named_with_it_and_told_once():
    page = (DOCS / "study-file.md").read_text(encoding="utf-8")
    for word in registry.families():
        if f"<!-- table: {word} -->" not in page:
            continue
        told = page.partition(f"<!-- table: {word} -->")[2].partition("<!-- end -->")[0]
        for member, cls in own_members(word).items():
            own = told.partition(f"{{ #{word}-{member} }}")[2].partition("####")[0]
            assert [one.name for one in describe(cls) if f"`{one.name}`" not in own] == [], member
        first = [line.partition(" | ")[0] for line in told.partition("####")[0].splitlines() if line.startswith("| `")]
        assert len(set(first)) == len(first)
        rows = Counter(line for line in told.splitlines() if line.startswith("| `"))
        assert [row for row, times in rows.items() if times >= SHARED_BY and row.partition(" | ")[0] not in first] == []


def test_the_reference_has_every_public_name():
    written = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md"))
    documented = set(re.findall(r"^(?:::: |### )([\w.]+)$", written, re.M))
    for name in an.__all__:
        thing = getattr(an, name)
        if inspect.ismodule(thing) or name == "__version__":
            continue
        assert any(path.rpartition(".")[2] == name for path in documented), f"{name} has no entry in docs/reference"
    for room in (an.statistics, an.figures):
        for name in room.__all__:
            thing = getattr(room, name)
            if inspect.isfunction(thing):
                paths = {f"{place}.{name}" for place in (room.__name__, thing.__module__)}
                assert paths & documented, f"{room.__name__}.{name} has no entry"


class _Config(yaml.SafeLoader):
    """Reads the configuration of mkdocs, whatever tags its extensions have."""


_Config.add_multi_constructor("tag:", lambda loader, suffix, node: suffix)


def test_every_page_is_in_the_navigation_and_every_link_leads_somewhere():
    config = yaml.load((ROOT / ".mkdocs.yml").read_text(encoding="utf-8"), _Config)

    def listed(entries):
        for entry in entries:
            for target in [entry] if isinstance(entry, str) else entry.values():
                yield from listed(target) if isinstance(target, list) else [target]

    assert set(listed(config["nav"])) == {str(path.relative_to(DOCS)) for path in pages()}
    for path in pages():
        for target in re.findall(r"\]\(([^)#]+\.md)", path.read_text(encoding="utf-8")):
            assert target.startswith("http") or (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.slow
def test_the_site_is_built_without_warnings(tmp_path):
    pytest.importorskip("mkdocs", reason="the site is built where the extra `docs` is installed")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--strict", "-f", ".mkdocs.yml", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "index.html").exists()


def test_outputs_are_compared_word_by_word():
    assert alike("supported: t(4) = 1.9\n", "supported:  t(4) = 2.31\n")
    assert not alike("supported: t(4) = 1.9\n", "undecided: t(4) = 1.9\n")
    assert alike("a\n...\nd\n", "a\nb\nc\nd\n")
    assert not alike("a\n...\nd\n", "a\nb\nc\n")


def rewrite() -> None:
    """Write outputs and tables into the pages."""
    import tempfile

    for path in pages():
        page = str(path.relative_to(DOCS).with_suffix(""))
        text = path.read_text(encoding="utf-8")
        text = TABLE.sub(lambda found: f"{found['name']} -->\n\n{rendered(found['name'])}\n", text)
        path.write_text(text, encoding="utf-8")
        if page not in RUNNING:
            continue
        with tempfile.TemporaryDirectory() as folder, workplace(Path(folder)):
            outputs = list(walked(page))
        for block, came in reversed(outputs):  # from the end, so that places stay true
            if "..." not in block["body"] or not alike(block["body"], came):
                tidy = "".join(f"{line.rstrip()}\n" for line in came.splitlines())
                text = f"{text[: block.start('body')]}{tidy}{text[block.end('body') :]}"
        path.write_text(text, encoding="utf-8")
        print(page)


if __name__ == "__main__":
    rewrite()
