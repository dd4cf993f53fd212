"""Saved figures: both files or an error, the same bytes every time, with their caption inside."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from PIL import Image

from artneuro.errors import SpecificationError
from artneuro.figures import curve, save, violin

SCRIPT = """
import sys, xarray as xr
from artneuro.figures import save, strip
record = xr.Dataset({"auc": ("subject", [0.9, 0.8, 0.5, 0.6])}, {"arm": ("subject", ["a", "a", "b", "b"])})
save(strip(record, "auc"), sys.argv[1], "strip", title="t", caption="c")
"""


@pytest.mark.parametrize("plot", [curve, violin])
def test_the_same_figure_has_the_same_bytes(lesions, tmp_path, plot):
    arguments = ("accuracy", "fraction") if plot is curve else ("auc",)
    figure = plot(lesions(), *arguments)
    first = save(figure, tmp_path / "first", "figure", caption="why")
    again = save(figure, tmp_path / "again", "figure", caption="why")
    anew = save(plot(lesions(), *arguments), tmp_path / "anew", "figure", caption="why")
    for one, two, three in zip(first, again, anew, strict=True):
        assert one.read_bytes() == two.read_bytes() == three.read_bytes()


def test_another_process_writes_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "other")], check=True)
    exec(SCRIPT.replace("sys.argv[1]", repr(str(tmp_path / "here"))), {})
    for name in ("strip.svg", "strip.png"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_title_and_caption_travel_with_the_files(tmp_path):
    caption = 'Means <of> "10" & more; ± 95 %.'
    svg, png = save(Figure(), tmp_path, "a.b-c_1+d", title="Curves", caption=caption)
    root = ElementTree.parse(svg).getroot()
    assert root.find(".//{http://purl.org/dc/elements/1.1/}description").text == caption
    assert root.find("{http://www.w3.org/2000/svg}title").text == "Curves"
    assert "date" not in svg.read_text(encoding="utf-8").lower()
    with Image.open(png) as image:
        assert image.info["Description"] == caption
        assert image.size == (1024, 768)  # 6.4 by 4.8 inches


def test_the_svg_asks_for_nothing_from_outside(lesions, tmp_path):
    svg, _ = save(violin(lesions(), "auc"), tmp_path, "violin")
    root = ElementTree.parse(svg).getroot()
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith("href")]
    assert links
    assert all(link.startswith("#") for link in links)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert not tags & {"script", "foreignObject", "image", "text"}  # letters are shapes: no font is needed


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "nul\0", "space d"])
def test_a_name_that_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(SpecificationError, match="letters, digits and"):
        save(Figure(), tmp_path, name)


def test_a_figure_that_cannot_be_drawn_leaves_no_file(tmp_path):
    figure = Figure()
    figure.text(0.5, 0.5, "$\\frac{1$")
    with pytest.raises(ValueError, match="frac"):
        save(figure, tmp_path, "broken")
    assert list(tmp_path.iterdir()) == []
