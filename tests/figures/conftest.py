"""Records that look like those of a study, with numbers that can be checked by hand."""

from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from artneuro import records
from artneuro.labels import Label
from artneuro.seeds import Stream

Lesions = Callable[..., xr.Dataset]


@pytest.fixture(scope="session")
def lesions() -> Lesions:
    """Give a maker of lesion records: sigmoid curves of arms that fall ever sooner."""

    def make(arms: Sequence[str] = ("clean", "half", "random"), n: int = 10, clamps: Sequence[str] = ("zero", "mean")):
        rng = Stream(0).child("figures").numpy()
        subjects, fractions, repeats, units = len(arms) * n, np.linspace(0, 1, 11), 4, 12
        middle = 0.8 - 0.15 * np.repeat(np.arange(len(arms)), n) + rng.normal(0, 0.05, subjects)
        shift = middle[:, None, None, None] - 0.1 * np.arange(len(clamps))[:, None, None]
        shift = shift + rng.normal(0, 0.03, (subjects, len(clamps), repeats, 1))
        accuracy = 0.1 + 0.9 / (1 + np.exp(12 * (fractions - shift)))
        along = {
            "accuracy": (accuracy, "accuracy under cumulative lesions", ("clamp", "repeat", "fraction"), "1"),
            "auc": (accuracy.mean((2, 3)), "area under the lesion curve", ("clamp",), "1"),
            "test_loss": (2 - middle + rng.normal(0, 0.1, subjects), "test loss of the intact network", (), "nat"),
            "selectivity": (rng.beta(2, 5, (subjects, units)), "class selectivity", ("unit",), "1"),
            "importance": (rng.gamma(1, 0.05, (subjects, units)), "fall of accuracy by one lesion", ("unit",), "1"),
        }
        return records.dataset(
            {name: values for name, (values, *_) in along.items()},
            {name: Label(text, units, ("subject", *dims)) for name, (_, text, dims, units) in along.items()},
            {
                "subject": [f"{arm}-{seed}" for arm in arms for seed in range(n)],
                "arm": [arm for arm in arms for _ in range(n)],
                "seed": [seed for _ in arms for seed in range(n)],
                "diverged": [-1] * subjects,
                "clamp": list(clamps),
                "fraction": fractions,
                "unit_index": np.arange(units),
                "unit_site": ["hidden1", "hidden2"] * (units // 2),
            },
            title="LesionStudy",
        )

    return make


@pytest.fixture(scope="session")
def history() -> Lesions:
    """Give a maker of histories; where there are three subjects an arm, the third of the first arm diverged."""

    def make(arms: Sequence[str] = ("clean", "half", "random"), n: int = 10, epochs: int = 12) -> xr.Dataset:
        rng = Stream(1).child("figures").numpy()
        subjects, ages = len(arms) * n, np.arange(1, epochs + 1)
        grown = 1 - np.exp(-ages / (3.0 + np.repeat(np.arange(len(arms)), n)[:, None]))
        values = {
            "train_accuracy": grown,
            "test_accuracy": 0.9 * grown,
            "train_loss": 2.3 * (1 - grown),
            "test_loss": 2.5 - 2 * grown,
        }
        values = {name: array + rng.normal(0, 0.01, array.shape) for name, array in values.items()}
        diverged = [-1] * subjects
        if n > 2:
            diverged[2] = 4
            for array in values.values():
                array[2, 4:] = np.nan
        return records.dataset(
            values,
            {
                name: Label(name.replace("_", " "), "nat" if "loss" in name else "1", ("subject", "epoch"))
                for name in values
            },
            {
                "subject": [f"{arm}-{seed}" for arm in arms for seed in range(n)],
                "arm": [arm for arm in arms for _ in range(n)],
                "seed": [seed for _ in arms for seed in range(n)],
                "diverged": diverged,
                "epoch": ages,
            },
            title="History",
        )

    return make


@pytest.fixture(scope="session")
def networks() -> Lesions:
    """Give a maker of small layered networks at several ages: weights between modules fade, those within stay."""

    def make(n: int = 2, sizes: Sequence[int] = (4, 6, 2), epochs: Sequence[int] = (0, 10, 40)) -> xr.Dataset:
        rng = Stream(2).child("figures").numpy()
        layers = np.repeat(["input", "hidden", "output"], sizes)
        place = np.concatenate([(2 * np.arange(size) + 1) / (2 * size) for size in sizes])
        first = np.cumsum([0, *sizes])
        pairs = [
            (i, j)
            for layer in range(len(sizes) - 1)
            for i in range(*first[layer : layer + 2])
            for j in range(*first[layer + 1 : layer + 3])
        ]
        source, target = np.array(pairs).T
        module = (place > 0.5).astype(int)
        fades = np.where(module[source] == module[target], 0.0, 1.0) * np.array(epochs)[:, None] / 10
        weight = rng.normal(size=(n, 1, len(pairs))) * np.exp(-fades)
        position = np.stack([place, np.full(len(place), 0.5), np.full(len(place), 0.5)], axis=1)

        def about(meaning: str) -> dict[str, str]:
            return {"long_name": meaning, "units": "1"}

        return xr.Dataset(
            {
                "weight": (("subject", "epoch", "connection"), weight, about("weight")),
                "module": (("subject", "unit"), np.tile(module, (n, 1)), about("module of the unit")),
                "position": (("unit", "axis"), position, about("where the unit lies")),
            },
            {
                "subject": [f"bimt-{seed}" for seed in range(n)],
                "arm": ("subject", ["bimt"] * n),
                "epoch": list(epochs),
                "connection_source": ("connection", source),
                "connection_target": ("connection", target),
                "unit_site": ("unit", layers),
            },
            {"title": "WiringCost"},
        )

    return make


@pytest.fixture
def texts() -> Callable[[Figure], dict[str, tuple[float, float, float, float]]]:
    """Give a function from a figure to its visible texts and their boxes (left, bottom, right, top), in pixels."""

    def find(figure: Figure) -> dict[str, tuple[float, float, float, float]]:
        figure.canvas.draw()
        found = figure.findobj(lambda artist: isinstance(artist, mpl.text.Text) and artist.get_visible())
        undrawn = set()  # matplotlib keeps labels of ticks beyond the ends of an axis, and does not draw them
        for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
            low, high = sorted(axis.get_view_interval())
            undrawn |= {tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
        drawn = [text for text in found if text.get_text().strip() and text not in undrawn]
        return {f"{text.get_text()}#{place}": text.get_window_extent().extents for place, text in enumerate(drawn)}

    return find


@pytest.fixture
def check_legible(texts) -> Callable[[Figure], None]:
    """Give a check that every text of a figure is whole, large enough, and on no other text."""

    def check(figure: Figure) -> None:
        boxes = list(texts(figure).items())
        width, height = figure.bbox.size
        for place, (text, one) in enumerate(boxes):
            left, bottom, right, top = one
            # half a pixel: extents are not rounded to the grid on which letters are drawn
            assert left >= -0.5 and bottom >= -0.5 and right <= width + 0.5 and top <= height + 0.5, f"{text!r} is cut"  # noqa: PT018
            for other, two in boxes[:place]:
                across, along = min(right, two[2]) - max(left, two[0]), min(top, two[3]) - max(bottom, two[1])
                # line boxes are taller than letters: neighbours in a stack share up to two pixels of empty leading
                assert across <= 1 or along <= 2, f"{text!r} lies on {other!r}"
        sizes = [text.get_fontsize() for text in figure.findobj(mpl.text.Text) if text.get_text().strip()]
        assert min(sizes) >= 10  # points, at the figure's own size
        assert figure.get_figwidth() <= 9.0  # inches: a page across, so that print does not shrink letters

    return check
