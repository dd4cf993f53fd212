"""Claims: what a hypothesis may say, and how it is read. Nothing in a claim is ever executed.

The grammar, with labels that are levels of the hypothesis' factor (arms, unless it says otherwise)::

    claim       = order | trend | same | differ | correlation | interaction
    order       = side ( ">" side )+  |  side ( "<" side )+
    trend       = "trend" "(" order ")"
    same        = side ( "~" side )+ "within" number
    differ      = side "!=" side
    correlation = "corr" "(" Record.variable "," Record.variable ")"
                  ( ( ">" | "<" | "!=" ) number  |  "~" number "within" number )
    interaction = "interaction" "(" factor "," factor ")"
    side        = operand ( "-" operand )*
    operand     = label | [ "-" ] number

A label is made of letters, digits and ``_ . : + % = /``, with hyphens inside; any other stands in quotes ('a b'), and
so does a level that is a number ('0.5'). A minus between operands has a space before it. ``mean`` is the mean of all
subjects, where no level is called so. With several factors a label names a level of each: ``turnover:on``.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, final

import attrs

from artneuro.statistics.reader import Reader, refused

Relation = Literal[">", "<", "!=", "~"]


@final
@attrs.frozen
class Side:
    """One side of a comparison: a sum of levels, each with a weight, and a number."""

    levels: Mapping[str, float]
    constant: float = 0.0

    def __str__(self) -> str:
        signed = [("-" if weight < 0 else "+", label) for label, weight in self.levels.items()]
        if self.constant or not signed:
            signed.append(("-" if self.constant < 0 else "+", f"{abs(self.constant):g}"))
        text = " ".join(f"{sign} {term}" for sign, term in signed)
        return text.removeprefix("+ ")

    def minus(self, other: "Side") -> "Side":
        """Return the difference of two sides; levels that cancel are gone."""
        weights = dict(self.levels)
        for label, weight in other.levels.items():
            weights[label] = weights.get(label, 0.0) - weight
        kept = {label: weight for label, weight in weights.items() if weight}
        return Side(kept, self.constant - other.constant)


@final
@attrs.frozen
class Order:
    """Each side above the next; `trend` asks it of the line through them all and not of each step."""

    sides: tuple[Side, ...]
    trend: bool = False


@final
@attrs.frozen
class Same:
    """All sides equal within a margin."""

    sides: tuple[Side, ...]
    margin: float


@final
@attrs.frozen
class Differ:
    """Two sides that are not equal."""

    sides: tuple[Side, ...]


@final
@attrs.frozen
class Correlated:
    """Two variables whose correlation stands in a relation to a number."""

    x: str
    y: str
    relation: Relation
    value: float
    margin: float = 0.0


@final
@attrs.frozen
class Interacts:
    """Two factors, the effect of one depending on the other."""

    factors: tuple[str, str]


Claim: TypeAlias = Order | Same | Differ | Correlated | Interacts


def parse(text: str) -> Claim:
    """Read a claim.

    Raises
    ------
    SpecificationError
        Where it cannot be read; the message says where, and shows claims that can.

    Examples
    --------
    >>> parse("clean > half > random").sides[0].levels
    {'clean': 1.0}
    >>> parse("corr(LesionStudy.auc, LesionStudy.test_loss) < 0").relation
    '<'
    """
    reader = Reader(text)
    claim = _claim(reader)
    if reader.tokens:
        raise reader.refused("the end")
    for side, other in compared(claim):
        if not side.minus(other).levels:
            raise refused(text, "each comparison needs a label, on one side at least, that does not cancel")
    return claim


def _claim(reader: Reader) -> Claim:
    if reader.calls("corr"):
        return _correlated(reader)
    if reader.calls("interaction"):
        reader.take("interaction")
        reader.take("(")
        first = reader.label()
        reader.take(",")
        second = reader.label()
        reader.take(")")
        return Interacts((first, second))
    if reader.calls("trend"):
        reader.take("trend")
        reader.take("(")
        order = _comparison(reader)
        reader.take(")")
        if not isinstance(order, Order) or len(order.sides) < 3:
            raise refused(reader.text, "a trend goes over three labels or more, as in trend(a > b > c)")
        if any(not side.levels for side in order.sides):
            raise refused(reader.text, "a trend goes over labels, not numbers")
        return attrs.evolve(order, trend=True)
    return _comparison(reader)


def _comparison(reader: Reader) -> Order | Same | Differ:
    sides = [_side(reader)]
    relation = reader.take(">", "<", "~", "!=")
    sides.append(_side(reader))
    while relation != "!=" and reader.peek(relation):
        reader.take(relation)
        sides.append(_side(reader))
    if reader.peek(">", "<", "~", "!="):
        raise refused(reader.text, "one claim holds one kind of relation; write a second hypothesis for the other")
    if relation == "~":
        return Same(tuple(sides), _margin(reader))
    if relation == "!=":
        return Differ(tuple(sides))
    return Order(tuple(sides if relation == ">" else reversed(sides)))


def _margin(reader: Reader) -> float:
    if not reader.peek("within"):
        raise refused(
            reader.text, "`~` needs the largest difference that would not matter: write `within` and a number after it"
        )
    reader.take("within")
    margin = reader.number()
    if margin <= 0:
        raise refused(reader.text, "a margin is above 0")
    return margin


def _correlated(reader: Reader) -> Correlated:
    reader.take("corr")
    reader.take("(")
    x = reader.label()
    reader.take(",")
    y = reader.label()
    reader.take(")")
    relation = reader.take(">", "<", "~", "!=")
    value = reader.number()
    if not -1 < value < 1:
        raise refused(reader.text, "a correlation is compared with a number between -1 and 1")
    margin = _margin(reader) if relation == "~" else 0.0
    return Correlated(x, y, relation, value, margin)  # type: ignore[arg-type]


def compared(claim: Claim) -> Iterator[tuple[Side, Side]]:
    """Yield the pairs of sides that a claim compares."""
    if isinstance(claim, Same):
        yield from itertools.combinations(claim.sides, 2)
    elif isinstance(claim, Order | Differ):
        yield from itertools.pairwise(claim.sides)


def labels(claim: Claim) -> tuple[str, ...]:
    """Return the labels in a claim, in order; none in one about variables or factors.

    Examples
    --------
    >>> labels(parse("a - b > c - 0.1"))
    ('a', 'b', 'c')
    """
    if not isinstance(claim, Order | Same | Differ):
        return ()
    return tuple(dict.fromkeys(label for side in claim.sides for label in side.levels))


def _side(reader: Reader) -> Side:
    total = _operand(reader)
    while reader.peek("-"):
        reader.take("-")
        total = total.minus(_operand(reader))
    return total


def _operand(reader: Reader) -> Side:
    return Side({}, reader.number()) if reader.peeks_number() else Side({reader.label(): 1.0})
