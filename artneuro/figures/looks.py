"""How groups are told apart: colour, marker and dashes together, so that colour is never the only sign."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, final

import attrs
import matplotlib as mpl
from matplotlib.colors import to_hex

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""The colours of Okabe & Ito 2008, "Color universal design", without the yellow that white paper swallows."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.3)), (0, (6, 1.5, 1.5, 1.5)))
# 7 colours, 11 markers and 4 dashes have no common divisor: 308 groups before a look comes twice


@final
@attrs.frozen
class Look:
    """Colour, marker and dashes of one group."""

    colour: str
    marker: str
    dashes: Any


def looks(levels: Sequence[Any]) -> dict[Any, Look]:
    """Return a look for each group, all different.

    Names get colours that are told apart at first sight; three or more numbers get a scale from dark to light.

    Examples
    --------
    >>> looks(["clean", "half"])["half"].colour
    '#D55E00'
    """
    numbers = all(isinstance(level, Real) for level in levels) and len(levels) > 2
    # the scale ends before its yellow, which white paper swallows
    scale = mpl.colormaps["viridis"].resampled(256)
    colours = [
        to_hex(scale(0.85 * place / (len(levels) - 1))) if numbers else PALETTE[place % len(PALETTE)]
        for place in range(len(levels))
    ]
    return {
        level: Look(colours[place], MARKERS[place % len(MARKERS)], DASHES[place % len(DASHES)])
        for place, level in enumerate(levels)
    }
