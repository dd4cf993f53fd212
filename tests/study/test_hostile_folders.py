"""Run folders from strangers: nothing outside of them is read or written, and what is in them is data."""

import json
import os
import shutil
from html.parser import HTMLParser

import netCDF4
import pytest

from artneuro import identity as sealed
from artneuro import records
from artneuro.errors import ArtneuroError, RecordError, RunError
from artneuro.study.analysis import analyse
from artneuro.study.comparison import compare
from artneuro.study.events import Finished, Remark
from artneuro.study.execution import run_study
from artneuro.study.report import write_report
from artneuro.study.status import status
from artneuro.study.store import Store, read_json

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def study(small_study, small_cohort):
    return small_study(
        question=EVIL,
        source=EVIL,
        cohort=small_cohort(arms={"a": [], "b": {"rearing": {"epochs": 1, "batch": 256}}}),
        analyses=[{"pairwise": {"of": "Census.accuracy", "between": "arm"}}],
        figures=[{"strip": {"of": "Census.accuracy", "title": title}} for title in (EVIL, "$\\frac{")],
    )


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    return run_study(study, tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def stimuli(study):
    return study.cohort.environment.load()


@pytest.fixture
def folder(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def outside(tmp_path):
    """What nobody may read or write."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "file").write_text("dear diary")
    return place


def untouched(place):
    return [path.name for path in place.iterdir()] == ["file"] and (place / "file").read_text() == "dear diary"


def everything(study, folder):
    """All that can be done with a run folder."""
    return {
        "run": lambda: run_study(study, folder),
        "status": lambda: status(folder),
        "analyse": lambda: analyse(folder),
        "report": lambda: write_report(folder),
        "compare": lambda: compare([folder, folder.parent / "other"], folder.parent / "comparison"),
    }


@pytest.mark.parametrize(
    ("name", "to"),
    [
        (".lock", "file"),
        ("log.jsonl", "file"),
        ("plan.json", "file"),
        ("records", ""),
        ("subjects/x", ""),
        ("figures/x.svg", "nowhere"),
    ],
)
def test_a_link_in_it_is_refused_by_name_whatever_is_done(study, folder, outside, name, to):
    path = folder / name
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.symlink_to(outside / to)
    for do in everything(study, folder).values():
        with pytest.raises(RunError, match=f"{name}: a link; a run folder holds files and folders only"):
            do()
    assert untouched(outside)


def test_a_pipe_in_it_is_refused_and_not_waited_for(study, folder):
    (folder / "log.jsonl").unlink()
    os.mkfifo(folder / "log.jsonl")
    for do in everything(study, folder).values():
        with pytest.raises(RunError, match="log.jsonl: a pipe"):
            do()


@pytest.mark.parametrize("name", [".lock", "log.jsonl", "study.yaml"])
def test_a_file_that_has_another_name_outside_is_refused(study, folder, outside, name):
    (folder / name).unlink(missing_ok=True)
    os.link(outside / "file", folder / name)
    for do in everything(study, folder).values():
        with pytest.raises(RunError, match=rf"{name}: a file with 2 names \(hard links\)"):
            do()
    assert untouched(outside)


@pytest.mark.parametrize(
    "name", ["plan.json", "records/Census.nc", "log.jsonl", "subjects/0123456789abcdef/subject.json"]
)
def test_a_folder_in_the_place_of_a_file_is_named(study, folder, name):
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir(parents=True)
    with pytest.raises(RunError, match=f"{name}: a folder in the place of a file. Remove it"):
        again(study, folder)


def test_an_identity_larger_than_any_is_not_read(study, folder):
    path = next(folder.glob("subjects/*/subject.json"))
    os.truncate(path, 2**40)  # sparse
    heard = []
    run_study(study, folder, listen=heard.append)
    assert any("larger than 256 MiB" in event.text for event in heard if isinstance(event, Remark))


def test_the_folder_itself_may_be_a_link(whole, tmp_path):
    (tmp_path / "link").symlink_to(whole)
    assert status(tmp_path / "link").state == "done"


def again(study, folder):
    heard = []
    run_study(study, folder, listen=heard.append)
    done = [event.task for event in heard if isinstance(event, Finished)]
    return [event.text for event in heard if isinstance(event, Remark)], done


def lying(path):
    """A file of some kilobytes that declares eight terabytes, along a dim and as its coordinate."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("subject", 10**12)
        for name in ("subject", "accuracy"):
            variable = file.createVariable(name, "f8", ("subject",), zlib=True, chunksizes=(10**6,))
            variable.setncatts({"long_name": "x", "units": "1"})


def header(size):
    """A file of tensors that says so of its header, and has none."""
    return lambda path: path.write_bytes(size.to_bytes(8, "little") + b"{}")


def tensors(shape, offsets):
    text = json.dumps({"weight": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}).encode()
    return lambda path: path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 16)


def identity(**changes):
    """Another identity, sealed like one of ours."""

    def write(path):
        sealed.write({**sealed.read(path.parent), **changes}, path.parent)

    return write


HARMFUL = {
    "values without end": ("records/Census.nc", lying),
    "measurements without end": ("parts/*.nc", lying),
    "a history without end": ("subjects/*/history.nc", lying),
    "a header without end": ("subjects/*/weights-*.safetensors", header(2**63)),
    "a header larger than the file": ("subjects/*/weights-*.safetensors", header(10**7)),
    "tensors larger than the file": ("subjects/*/weights-*.safetensors", tensors([2**40], [0, 2**42])),
    "tensors that overflow": ("subjects/*/weights-*.safetensors", tensors([2**40, 2**40], [0, 16])),
    "tensors before the file": ("subjects/*/weights-*.safetensors", tensors([4], [-16, 0])),
    "an identity that is deep": ("subjects/*/subject.json", lambda path: path.write_text("[" * 200_000)),
    "an identity that is none": ("subjects/*/subject.json", lambda path: path.write_text('["a"]')),
    "ages that lead elsewhere": ("subjects/*/subject.json", identity(ages=["../../../../outside/file"])),
    "an anatomy that is code": ("subjects/*/subject.json", identity(anatomy={"module": {"name": "os:system"}})),
    "an anatomy that is none": ("subjects/*/subject.json", identity(anatomy=7)),
    "no epoch that it diverged in": ("subjects/*/subject.json", identity(diverged=None)),
    "an epoch that is text": ("subjects/*/subject.json", identity(diverged="x")),
    "another key": ("subjects/*/subject.json", identity(key="0123456789abcdef")),
    "a seed that is none": ("subjects/*/subject.json", identity(seed=0.5)),
}


def pattern(name):
    return HARMFUL[name][0]


def harmed(folder, name):
    path = sorted(folder.glob(pattern(name)))[0]
    HARMFUL[name][1](path)
    return path


@pytest.mark.parametrize("name", HARMFUL)
def test_a_file_that_is_made_to_do_harm_is_named(folder, outside, stimuli, name):
    path = harmed(folder, name)
    assert path.stat().st_size < 300_000
    with pytest.raises(RecordError) as refusal:
        Store(folder).find_subject(path.parent.name, stimuli) if "subjects" in pattern(name) else records.read(path)
    assert str(path.parent) in str(refusal.value)
    assert len(str(refusal.value)) < 2_000


def test_files_that_are_made_to_do_harm_are_made_again(study, folder, whole, result_files):
    for name in ("values without end", "measurements without end", "ages that lead elsewhere"):
        harmed(folder, name)
    remarks, _ = again(study, folder)
    assert len(remarks) == 3
    assert all("again" in remark for remark in remarks)
    assert result_files(folder) == result_files(whole)


@pytest.mark.parametrize(
    "plan", ["[" * 200_000, "7", '{"study": "small", "records": {"../../outside/file": {}}}', '{"records": {"..": {}}}']
)
def test_a_plan_that_leads_elsewhere_is_none(study, folder, whole, result_files, plan):
    (folder / "plan.json").write_text(plan)
    for do in (lambda: analyse(folder), lambda: write_report(folder)):
        with pytest.raises(RecordError, match=r"plan\.json"):
            do()
    remarks, _ = again(study, folder)
    assert "plan.json" in remarks[0]
    assert result_files(folder) == result_files(whole)


NAMES = ["../../outside/file", "..", ".", "", "/etc/hostname", "a\0b", "x" * 5_000, 7, None]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name)[:20])
def test_an_index_removes_nothing_and_shows_nothing_from_elsewhere(folder, outside, name):
    for index, field in (("statistics/results.json", "tables"), ("figures/figures.json", "svg")):
        entries = read_json(folder / index)
        entries[0][field] = {"x": name} if field == "tables" else name
        (folder / index).write_text(json.dumps(entries))
    for do in (write_report, analyse):
        try:
            do(folder)
        except ArtneuroError as refusal:
            assert "dear diary" not in str(refusal)
    assert "dear diary" not in (folder / "report.html").read_text()
    assert untouched(outside)
    assert (folder / "statistics").is_dir()


class Seen(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.text = set(), [], ""

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_text_of_a_declaration_is_text_on_the_page_and_in_pictures(whole):
    page = Seen()
    page.feed((whole / "report.html").read_text())
    assert not page.elements & {"script", "iframe", "object", "embed", "form", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    addresses = [value for name, value in page.attributes if name in ("href", "src", "data", "action")]
    pictures = [value for value in addresses if value.startswith("data:image/svg+xml;base64,")]  # shown as images
    assert len(pictures) == 2
    assert all(value.startswith("#") or value == "data:," for value in set(addresses).difference(pictures))
    assert page.text.count(EVIL) >= 2  # the question and the source, as they were written
    for picture in (whole / "figures").glob("*.svg"):
        text = picture.read_text()
        assert "<script" not in text
        assert "onerror=" not in text.replace("&lt;", "<").partition("<svg")[0]
