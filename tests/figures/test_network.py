"""Networks: lines where connections are, as wide as they are strong, in the colour of their sign; nothing averaged."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from mpl_toolkits.mplot3d.art3d import Line3DCollection

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Network, Plot, network
from artneuro.figures.network import IDLE, SIGNS, WIDEST


def wires(ax):
    """Each line of a picture: (from, to) -> (width, colour)."""
    (lines,) = ax.findobj(LineCollection)
    ends = [tuple(np.round(segment, 9).ravel()) for segment in lines.get_segments()]
    return dict(zip(ends, zip(lines.get_linewidths(), map(tuple, lines.get_colors()), strict=True), strict=True))


def expected(record, subject, epoch, strongest, least=0.02):
    layers = list(dict.fromkeys(record.unit_site.values))
    height = [layers.index(layer) for layer in record.unit_site.values]
    places = np.column_stack([record.position.values[:, 0], height])
    found = {}
    for source, target, weight in zip(
        record.connection_source.values,
        record.connection_target.values,
        record.weight.sel(subject=subject, epoch=epoch).values,
        strict=True,
    ):
        if weight and abs(weight) >= least * strongest:
            colour = to_rgba(SIGNS["positive" if weight > 0 else "negative"])
            ends = tuple(np.round([*places[source], *places[target]], 9))
            found[ends] = (WIDEST * abs(weight) / strongest, colour)
    return found


def test_every_connection_is_a_line_of_its_sign_and_strength(networks):
    record = networks()
    figure = network(record, "weight", along="epoch")
    assert [ax.get_title() for ax in figure.axes] == [
        f"bimt-{seed}, epoch {epoch}" for seed in (0, 1) for epoch in (0, 10, 40)
    ]
    strongest = float(abs(record.weight).max())
    for ax in figure.axes:
        subject, epoch = ax.get_title().split(", epoch ")
        drawn, wanted = wires(ax), expected(record, subject, int(epoch), strongest)
        assert drawn.keys() == wanted.keys()
        for ends, (width, colour) in wanted.items():
            assert drawn[ends][0] == pytest.approx(width, rel=1e-12)
            assert drawn[ends][1] == pytest.approx(colour)


def test_what_is_missing_or_zero_is_no_line_and_what_is_weak_is_counted(networks):
    record = networks(1, epochs=(0,))
    record["weight"][0, 0] = np.linspace(1, 2, record.sizes["connection"])
    record["weight"][0, 0, :3] = [np.nan, 0.0, 0.01]
    plot = conform({"network": {"of": "WiringCost.weight", "where": {"epoch": 0}}}, Plot)
    assert len(wires(plot.draw({"WiringCost": record}).axes[0])) == record.sizes["connection"] - 3
    caption = plot.caption({"WiringCost": record})
    assert f"1 of {record.sizes['connection'] - 2} connections are weaker than 0.02 of the strongest" in caption
    assert "One subject: bimt-0." in caption
    assert "not drawn" not in conform({"network": {**plot.named()["network"], "least": 0}}, Plot).caption(
        {"WiringCost": record}
    )


def test_the_strongest_connection_lies_on_top(networks):
    (lines,) = network(networks(1), "weight", where={"epoch": 0}).axes[0].findobj(LineCollection)
    assert (np.diff(lines.get_linewidths()) >= 0).all()


def test_units_are_coloured_by_module_in_colours_that_no_sign_has(networks):
    record = networks(1)
    ax = network(record, "weight", colour="module", where={"epoch": "last"}).axes[0]
    groups = [artist for artist in ax.findobj(PathCollection) if not isinstance(artist, LineCollection)]
    places = [sorted(np.round(group.get_offsets().data[:, 0], 9)) for group in groups]
    module, at = record.module.values[0], np.round(record.position.values[:, 0], 9)
    assert places == [sorted(at[module == 0]), sorted(at[module == 1])]
    colours = {tuple(group.get_facecolor()[0]) for group in groups}
    assert len(colours) == 2
    assert not colours & {to_rgba(colour) for colour in SIGNS.values()}


def test_units_without_a_line_are_small_and_pale(networks):
    record = networks(1, epochs=(0,))
    last = record.sizes["unit"] - 1
    alone = (record.connection_source == 0) | (record.connection_target == last)
    record["weight"] = record.weight.where(~alone, 0.0)
    record["weight"][0, 0, np.flatnonzero(alone)[0]] = 1e-6  # there, and not drawn
    ax = network(record, "weight", where={"epoch": 0}).axes[0]
    idle, others = [group for group in ax.findobj(PathCollection) if not isinstance(group, LineCollection)]
    assert tuple(idle.get_facecolor()[0]) == to_rgba(IDLE)
    assert idle.get_sizes()[0] == pytest.approx(others.get_sizes()[0] / 4)
    at = record.position.values[:, 0]
    assert sorted(idle.get_offsets().data[:, 0]) == pytest.approx(sorted([at[0], at[last]]))
    assert len(others.get_offsets()) == last - 1


def test_units_without_positions_stand_evenly(networks):
    record = networks(1)
    with_places = wires(network(record, "weight", where={"epoch": 0}).axes[0])
    assert wires(network(record.drop_vars("position"), "weight", where={"epoch": 0}).axes[0]) == with_places


def test_units_stand_where_they_lay_at_that_age(networks):
    record = networks(1)
    moved = record.position.expand_dims(epoch=record.epoch).copy()
    moved[{"epoch": 1, "unit": slice(0, 4)}] = record.position.values[3::-1]  # inputs in reverse
    record = record.assign(position=moved)
    axes = network(record, "weight", along="epoch", where={"epoch": (0, 10)}).axes
    for ax, places in zip(axes, moved.values, strict=False):
        left = {ends[0] for ends in wires(ax) if ends[1] == 0}
        assert left <= set(np.round(places[:4, 0], 9))
    first = {ends: look for ends, look in wires(axes[0]).items() if ends[1] == 0}
    second = {(1 - ends[0], *ends[1:]): look for ends, look in wires(axes[1]).items() if ends[1] == 0}
    shared = {tuple(np.round(ends, 9)) for ends in second} & set(first)
    assert len(shared) == len(second)


def test_in_space_layers_lie_one_above_the_other(networks):
    record = networks(1)
    position = record.position.copy()
    position[:, 1] = np.linspace(0, 1, record.sizes["unit"])
    record = record.assign(position=position)
    with pytest.raises(SpecificationError, match="extend along 2 axes.*Use `view: space`"):
        network(record, "weight", where={"epoch": 0})
    ax = network(record, "weight", view="space", where={"epoch": 0}, least=0).axes[0]
    (lines,) = ax.findobj(Line3DCollection)
    ends = {tuple(np.round(np.ravel(segment), 9)) for segment in lines._segments3d}
    height = np.array([["input", "hidden", "output"].index(layer) for layer in record.unit_site.values])
    places = np.column_stack([position.values[:, :2], height])
    pairs = zip(record.connection_source.values, record.connection_target.values, strict=True)
    assert ends == {tuple(np.round([*places[i], *places[j]], 9)) for i, j in pairs}
    with pytest.raises(SpecificationError, match="extend along 1 axes.*Use `view: layers`"):
        network(networks(1), "weight", view="space", where={"epoch": 0})


def test_a_film_shows_every_age_on_one_scale(networks):
    record = networks(2)
    plot = Network(of="WiringCost.weight", along="epoch", film=True)
    frames = plot.frames({"WiringCost": record})
    strongest = float(abs(record.weight).max())
    assert len({tuple(frame.get_size_inches()) for frame in frames}) == 1
    for frame, epoch in zip(frames, (0, 10, 40), strict=True):
        assert [ax.get_title() for ax in frame.axes] == [f"bimt-{seed}, epoch {epoch}" for seed in (0, 1)]
        widths = [width for width, _ in wires(frame.axes[0]).values()]
        own = float(abs(record.weight.sel(subject="bimt-0", epoch=epoch)).max())
        assert max(widths) == pytest.approx(WIDEST * own / strongest)
    assert Network(of="WiringCost.weight", along="epoch").frames({"WiringCost": record}) == []
    with pytest.raises(SpecificationError, match="a dim in `along`"):
        Network(of="WiringCost.weight", film=True)


@pytest.mark.parametrize(
    "options", [{"along": "epoch"}, {"where": {"epoch": "last"}, "title": "Networks"}, {"along": "epoch", "n": 5}]
)
def test_every_text_can_be_read(networks, check_legible, options):
    record = networks(options.pop("n", 2))
    check_legible(network(record, "weight", colour="module", **options))


def test_what_cannot_be_drawn_is_refused(networks):
    record = networks(2)
    with pytest.raises(SpecificationError, match=r"came epoch \(3\).*where: \{epoch: ...\}` or name it in `along`"):
        network(record, "weight")
    with pytest.raises(SpecificationError, match="a variable along unit .*module.*came 'modul'"):
        network(record, "weight", along="epoch", colour="modul")
    with pytest.raises(SpecificationError, match="a record without connection_source"):
        network(record.drop_vars("connection_source"), "weight", along="epoch")
    with pytest.raises(DesignError, match="60 pictures, and a page holds 36"):
        network(networks(20), "weight", along="epoch")
    with pytest.raises(DesignError, match="every connection is 0"):
        network(record.assign(weight=record.weight * 0), "weight", along="epoch")
