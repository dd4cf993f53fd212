"""Saved figures: both files or an error, the same bytes every time, with their caption inside."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from PIL import Image

from artneuro.errors import SpecificationError
from artneuro.figures import curve, save, save_film, violin

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


def pages(count, size=(2, 1)):
    figures = [Figure(figsize=size) for _ in range(count)]
    for place, figure in enumerate(figures):
        figure.text(0.1 + 0.3 * place, 0.5, str(place))
    return figures


def test_a_film_shows_page_after_page(tmp_path):
    path = save_film(pages(3), tmp_path, "film", seconds=0.25)
    with Image.open(path) as film:
        seen, times = [], []
        for place in range(film.n_frames):
            film.seek(place)
            seen.append(film.convert("RGB").tobytes())
            times.append(film.info["duration"])
            assert film.convert("RGB").getpixel((0, 0)) == (255, 255, 255)  # paper is white
        assert film.size == (200, 100)
    assert len(set(seen)) == 3
    assert times == [250, 250, 500]
    assert save_film(pages(3), tmp_path, "again", seconds=0.25).read_bytes() == path.read_bytes()


def test_a_film_of_no_or_unequal_pages_is_refused(tmp_path):
    for figures in ([], [*pages(1), *pages(1, (3, 1))]):
        with pytest.raises(SpecificationError, match="one or more figures of one size"):
            save_film(figures, tmp_path, "film")
    with pytest.raises(SpecificationError, match="letters, digits and"):
        save_film(pages(1), tmp_path, "../film")
    assert list(tmp_path.iterdir()) == []
