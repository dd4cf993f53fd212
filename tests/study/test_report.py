"""The report: everything is said, nothing is markup, and a real browser shows it on a laptop and on a phone."""

import io
import json
import math
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import attrs
import numpy as np
import pytest
import xarray as xr
from PIL import Image

from artneuro.figures import curve, save, strip
from artneuro.statistics.verdict import Verdict, undecided
from artneuro.study import report
from artneuro.study.account import Account, Answer, Group, Picture, Table
from artneuro.study.report import interval, render, write_report

CHROMIUM = shutil.which("chromium")
LONG = "label_corruption_of_half_the_images_permuted_among_all_classes"
EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'


def verdict(word: str, label: str, **values: object) -> Verdict:
    given = {"effect": 1.25, "effect_name": "Hedges g", "low": 0.5, "high": 2.0, "p": 0.0004, "n": 10, "power": 0.91}
    text = {"claim": f"clean > {LONG}", "of": "LesionStudy.auc", "sentence": f"{label} is {word}: g = 1.25."}
    return Verdict(label=label, verdict=word, **{**given, **text, **values})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Picture, ...]:
    folder = tmp_path_factory.mktemp("figures")
    about = {"long_name": "accuracy of the lesioned network", "units": "1"}
    fraction = ("fraction", [0.0, 0.5, 1.0], {"long_name": "fraction lesioned", "units": "1"})
    values = [[1.0, 0.7 - 0.1 * subject, 0.1] for subject in range(6)]
    record = xr.Dataset(
        {"accuracy": (("subject", "fraction"), values, about)},
        {"arm": ("subject", ["clean"] * 3 + [LONG] * 3), "fraction": fraction},
    )
    drawn = {"curve": curve(record, "accuracy", "fraction"), "strip": strip(record, "accuracy")}
    drawn["panels"] = curve(record, "accuracy", "fraction", panels="arm")  # wider than a phone can show
    return tuple(
        Picture(
            name,
            "Curves" if name == "curve" else "",
            f"Accuracy by {name}. More.",
            save(figure, folder, name)[0].read_bytes(),
        )
        for name, figure in drawn.items()
    )


@pytest.fixture
def account(pictures: tuple[Picture, ...]) -> Account:
    """An account in which everything occurs, with names that are too long and text that would like to be markup."""
    header = ("source", "ss", "F", "p", *(f"a_wide_column_{place}" for place in range(9)))
    row = (LONG, "0.45131", "143.25123", "1.3e-15", *["-0.123456"] * 9)
    answered = Answer(
        "anova",
        "LesionStudy.auc",
        ("F(2, 27) = 143.25, p < .001.",),
        ("a caution",),
        (Table("anova", "01-anova.csv", header, (row,), 1),),
    )
    session = {
        "started": "2030-01-01T10:00:00.123+00:00",
        "outcome": "done",
        "command": "artneuro run " + "/a/long/path" * 12,
        "workers": 2,
        "device": "cpu",
        "platform": "Linux",
        "processor": "AVX2",
        "declaration": "0123456789abcdef",
        "study_file": {"name": "memory.yaml", "commit": "c" * 40, "changed_since": True},
        "versions": {"artneuro": "9.8.7", "torch": "2.13.0"},
    }
    return Account(
        study="memory",
        question="Do networks that memorise depend more on single units than networks that generalise?",
        source="Morcos et al. 2018",
        verdicts=[
            verdict("supported", "L1", notes=("clean-2 diverged",)),
            verdict("contradicted", "L2", effect=-0.5, low=-0.9, high=-0.1),
            verdict("undecided", "L3", low=-0.5, high=math.inf),
            undecided("L4", "a > b", "LesionStudy.auc", "b has no subject"),
        ],
        late=["L3"],
        groups=[
            Group("clean", "0 to 9", 10, 9, "none"),
            Group(LONG, "0 to 9", 10, 10, "LabelCorruption (fraction 0.5)", (("rearing", "epochs 60"),)),
        ],
        cohort=[("anatomy", "mlp (widths 128, 128)"), ("environment", "digits")],
        protocols=[("LesionStudy", "LesionStudy (site hidden2)")],
        pictures=[*pictures, Picture("box", refused="where.clamp: there is no `noise`")],
        answers=[answered, Answer("mixed_model", refused="one subject; a variance takes two")],
        losses=[("History", "clean-2 (diverged at epoch 4)")],
        sessions=[session],
        environments=["f" * 16],
        declaration="study: memory\n" + "x" * 200 + "\n",
        remarks=["The run is not complete: `artneuro run` takes it up."],
    )


class Reader(HTMLParser):
    """Collects tags, attributes and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_everything_is_said(account):
    text = read(render(account)).text
    said = [account.question, account.source, "1 supported", "1 contradicted", "2 undecided", "19 subjects in 2 arms"]
    said += [
        "L1 supported",
        "L3 undecided declared after the data",
        "1.25 [0.50, 2.00]",
        "< .001",
        "0.91",
        "clean-2 diverged",
    ]
    said += [
        "\N{MINUS SIGN}0.50 [\N{MINUS SIGN}0.90, \N{MINUS SIGN}0.10]",
        "[\N{MINUS SIGN}0.50, ∞]",
        "not given",
        "b has no subject",
    ]
    said += ["9 of 10", LONG, "own rearing: epochs 60", "mlp (widths 128, 128)", "LesionStudy (site hidden2)"]
    said += ["Figure 1. Curves. Accuracy by curve. More.", "Figure 4. Not drawn: box."]
    said += [
        "F(2, 27) = 143.25, p < .001.",
        "a caution",
        "a wide column 3",
        "\N{MINUS SIGN}0.1235",
        "one subject; a variance takes two",
    ]
    said += ["clean-2 (diverged at epoch 4)", "artneuro 9.8.7, torch 2.13.0", "0123456789abcdef", "f" * 16, "c" * 40]
    said += ["artneuro run study.yaml --out again", "The run is not complete: artneuro run takes it up.", "x" * 200]
    assert [part for part in said if part not in text] == []


def test_nothing_declared_is_said_too():
    text = read(render(Account(study="empty", question="Nothing yet?"))).text
    for sentence in ("No hypothesis", "No figure", "No analysis", "Every subject is in every record"):
        assert sentence in text


def test_the_page_is_well_formed(account):
    reader = read(render(account))
    assert reader.open == []
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert all(attributes.get("alt") for tag, attributes in reader.tags if tag == "img")


def test_the_page_runs_and_loads_nothing(account):
    reader = read(render(account))
    assert not {tag for tag, _ in reader.tags} & {"script", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), tag
    assert "@import" not in render(account)
    assert "url(" not in render(account)


def test_what_stands_in_files_is_never_markup(account):
    hostile = Account(
        study=EVIL,
        question=EVIL,
        source=EVIL,
        verdicts=[verdict("supported", EVIL, claim=EVIL, of=EVIL, sentence=EVIL, notes=(EVIL,), effect_name=EVIL)],
        groups=[Group(EVIL, EVIL, 1, 1, EVIL, ((EVIL, EVIL),))],
        cohort=[(EVIL, EVIL)],
        protocols=[(EVIL, EVIL)],
        pictures=[Picture(EVIL, EVIL, EVIL, EVIL.encode()), Picture(EVIL, refused=EVIL)],
        answers=[Answer(EVIL, EVIL, (EVIL,), (EVIL,), (Table(EVIL, EVIL, (EVIL,), ((EVIL,),), 9),), EVIL)],
        losses=[(EVIL, EVIL)],
        sessions=[{**account.sessions[0], "command": EVIL, "outcome": EVIL, "device": EVIL, "versions": {EVIL: EVIL}}],
        environments=[EVIL],
        declaration=EVIL,
        remarks=[EVIL],
    )
    reader = read(render(hostile))
    assert "script" not in {tag for tag, _ in reader.tags}
    assert all((attributes["src"] or "").startswith("data:") for tag, attributes in reader.tags if tag == "img")
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert reader.text.count("alert(1)") > 20  # it is all there, as text
    assert "{{ 7 * 7 }}" in reader.text


@pytest.mark.parametrize("word", ["supported", "contradicted", "undecided"])
def test_a_verdict_is_a_word_and_a_shape_and_not_only_a_colour(word):
    page = render(Account(study="s", question="q", verdicts=[verdict(word, "H1")]))
    article = page.partition("<article")[2].partition("</article>")[0]
    assert word in read(article).text
    shape = {"supported": "circle", "contradicted": "rect", "undecided": "path"}[word]
    icon = article.partition('class="icon"')[2].partition("</svg>")[0]
    assert f"<{shape} " in icon.splitlines()[1]


def test_the_same_account_is_the_same_page(account):
    assert render(account) == render(account)


def test_it_is_written_into_the_run_folder(tmp_path, account, monkeypatch):
    monkeypatch.setattr(report, "read_account", lambda folder: account)
    path = write_report(tmp_path)
    assert path == tmp_path / "report.html"
    assert path.read_text(encoding="utf-8") == render(account)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_an_interval_is_drawn_to_scale():
    assert interval(0.0, -1.0, 1.0) == {"zero": 50.0, "effect": 50.0, "low": 8.0, "high": 92.0}
    assert interval(-2.0, -4.0, -1.0) == {"zero": 92.0, "effect": 50.0, "low": 8.0, "high": 71.0}
    assert interval(1.0, -math.inf, math.nan) == {"zero": 8.0, "effect": 92.0, "low": 0.0, "high": 100.0}
    assert interval(math.nan, math.nan, math.nan) is None
    assert interval(0.0, 0.0, 0.0) == {"zero": 8.0, "effect": 8.0, "low": 8.0, "high": 8.0}


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if CHROMIUM is None:
        pytest.skip("needs a browser: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments, headless=True)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["laptop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it(browser, account, tmp_path, width, height, scheme):
    path = tmp_path / "report.html"
    path.write_text(render(account), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url[:80]))
    page.goto(path.as_uri())
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()[:80]]
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    # no sideways scrolling of the page; wide tables scroll within their own boxes
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beyond = (
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, .plate, pre, svg') && "
        f"e.getBoundingClientRect().right > {width} + 0.5).map(e => e.outerHTML.slice(0, 80))"
    )
    assert page.evaluate(beyond) == []
    for word in ("supported", "contradicted", "undecided"):
        assert page.locator(f"article.{word} .word").first.is_visible()
    loaded = "[i.complete, i.naturalWidth > 0, i.alt.length > 0, i.getBoundingClientRect().width]"
    images = page.evaluate(f"[...document.images].map(i => {loaded})")
    assert len(images) == 3
    for complete, drawn, described, shown in images:
        assert (complete, drawn, described) == (True, True, True)
        assert shown > 280
    written = "[...document.querySelectorAll('main *')].filter(e => e.innerText)"
    assert min(page.evaluate(f"{written}.map(e => parseFloat(getComputedStyle(e).fontSize))")) >= 13  # pixels
    assert low_contrast(page) == []
    page.close()


PAIRS = ("a", "b", "how", "test", "n", "mean_a", "mean_b", "difference", "low", "high", "t", "df", "p")
PAIRS += ("effect_name", "effect", "effect_low", "effect_high", "bf10", "p_corrected", "correction")
PAIR = ("clean", "c20", "paired by seed (twins)", "paired t", "10", "0.6917666", "0.5912283", "0.1005383", "0.0905748")
PAIR += ("0.1105018", "22.8267", "9.0", "2.8e-09", "Cohen's d_z", "7.2184", "3.8877", "10.5466", "2713139.7", "3e-08")
PAIR += ("holm",)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_the_p_values_of_pairs_are_seen_and_the_design_is_not_cut(browser, account, tmp_path, width, height):
    pairs = Answer("anova", tables=(Table("paired", "01-anova-paired.csv", PAIRS, (PAIR, PAIR), 2),))
    path = tmp_path / "report.html"
    path.write_text(render(attrs.evolve(account, answers=[pairs])), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(path.as_uri())
    room = "e => [e.scrollWidth - e.clientWidth, e.getBoundingClientRect().right]"
    design, right = page.locator(".scroll[aria-label='Arms of the design']").evaluate(room)
    assert design == 0
    assert right <= width
    hidden, right = page.locator(".scroll[aria-label^=paired]").evaluate(room)
    assert right <= width
    assert hidden == 0 or width < 1280  # a phone has to scroll: a shadow says so
    edge = page.locator(".scroll[aria-label^=paired]").screenshot()
    assert shaded_at_the_right(edge) == (hidden > 0)
    page.close()


def shaded_at_the_right(picture: bytes) -> bool:
    """Tell whether the right edge of a picture is darker than its paper, in the empty part of the first row."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("L"), dtype=float)
    return bool(np.median(pixels[4:-4, -6:-3]) < np.median(pixels[4:-4, 4:-30]) - 15)


def test_it_fits_on_paper(browser, account, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(render(account), encoding="utf-8")
    page = browser.new_page(viewport={"width": 720, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 720
    assert not page.locator("nav").is_visible()
    page.close()


def low_contrast(page) -> list[str]:
    """Texts whose contrast with what is behind them is under 4.5, the least that WCAG 2.2 (1.4.3) asks."""
    found: list[str] = json.loads(
        page.evaluate(
            """() => {
              const line = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
              const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => line(v / 255));
                return .2126 * r + .7152 * g + .0722 * b };
              const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                if (!/, 0\\)$/.test(c) && c !== 'transparent') return c } return 'rgb(255, 255, 255)' };
              const low = [];
              for (const e of document.querySelectorAll('body *')) {
                if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
                const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
                const ratio = (a + 0.05) / (b + 0.05);
                if (ratio < 4.5) low.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 80));
              }
              return JSON.stringify(low);
            }"""
        )
    )
    return found


def test_a_browser_opens_an_empty_account(browser, tmp_path):
    path = Path(tmp_path / "report.html")
    path.write_text(render(Account(study="empty", question="Nothing yet?")), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(path.as_uri())
    assert page.get_by_role("heading", name="Nothing yet?").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
