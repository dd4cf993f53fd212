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
import math
import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, final

import attrs

from artneuro.errors import Problem, SpecificationError
from artneuro.fields import shown

EXAMPLES = (
    '"clean > half > random"',
    '"a ~ b within 0.01"',
    '"a > 0.5"',
    '"mean ~ 0 within 0.1"',
    '"a != b"',
    '"a - b > c - d"',
    '"trend(a > b > c)"',
    '"corr(LesionStudy.auc, LesionStudy.test_loss) < 0"',
    '"interaction(arm, clamp)"',
)

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

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.:+%=/]))"
    r"|(?P<quoted>'[^']+'|\"[^\"]+\")"
    r"|(?P<label>\w*[^\W\d][\w.:+%=/]*(?:-\w[\w.:+%=/]*)*)"
    r"|(?P<symbol>!=|[><~(),-])"
    r")"
)


class _Reader:
    """Tokens of a claim, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                if text[place - 1 : place + 1].strip() in (">=", "<="):
                    raise _refused(text, "no test shows that something is at least so much: write > or <")
                raise _refused(text, f"{text[place:].strip()!r} is no label, number or sign")
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind]))
            place = match.end()

    def peek(self, *words: str) -> bool:
        """Tell whether one of these stands next."""
        return bool(self.tokens) and self.tokens[0][0] != "quoted" and self.tokens[0][1] in words

    def take(self, *words: str) -> str:
        """Take one of these, or refuse the claim."""
        if not self.peek(*words):
            raise self.refused(" or ".join(repr(word) for word in words))
        return self.tokens.pop(0)[1]

    def calls(self, word: str) -> bool:
        """Tell whether `word` stands next with its parenthesis."""
        return self.peek(word) and self.tokens[1:2] == [("symbol", "(")]

    def refused(self, wanted: str) -> SpecificationError:
        """Return the error that `wanted` does not stand next."""
        came = self.tokens[0][1] if self.tokens else "the end"
        return _refused(self.text, f"{wanted} must stand where {came!r} does")

    def number(self) -> float:
        sign = -1.0 if self.peek("-") and self.take("-") else 1.0
        if not self.tokens or self.tokens[0][0] != "number":
            raise self.refused("a number")
        value = sign * float(self.tokens.pop(0)[1])
        if math.isinf(value):
            raise _refused(self.text, "a number must be finite")
        return value

    def label(self) -> str:
        if not self.tokens or self.tokens[0][0] not in ("label", "quoted"):
            raise self.refused("a label")
        kind, text = self.tokens.pop(0)
        return text[1:-1] if kind == "quoted" else text

    def side(self) -> Side:
        total = self.operand()
        while self.peek("-"):
            self.take("-")
            total = total.minus(self.operand())
        return total

    def operand(self) -> Side:
        if self.tokens and (self.tokens[0][0] == "number" or self.peek("-")):
            return Side({}, self.number())
        return Side({self.label(): 1.0})


def _refused(text: str, why: str) -> SpecificationError:
    return SpecificationError(
        [Problem("", "a claim such as " + ", ".join(EXAMPLES), shown(text), f"{why[0].upper()}{why[1:]}.")]
    )


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
    reader = _Reader(text)
    claim = _claim(reader)
    if reader.tokens:
        raise reader.refused("the end")
    for side, other in compared(claim):
        if not side.minus(other).levels:
            raise _refused(text, "each comparison needs a label, on one side at least, that does not cancel")
    return claim


def _claim(reader: _Reader) -> Claim:
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
            raise _refused(reader.text, "a trend goes over three labels or more, as in trend(a > b > c)")
        if any(not side.levels for side in order.sides):
            raise _refused(reader.text, "a trend goes over labels, not numbers")
        return attrs.evolve(order, trend=True)
    return _comparison(reader)


def _comparison(reader: _Reader) -> Order | Same | Differ:
    sides = [reader.side()]
    relation = reader.take(">", "<", "~", "!=")
    sides.append(reader.side())
    while relation != "!=" and reader.peek(relation):
        reader.take(relation)
        sides.append(reader.side())
    if reader.peek(">", "<", "~", "!="):
        raise _refused(reader.text, "one claim holds one kind of relation; write a second hypothesis for the other")
    if relation == "~":
        return Same(tuple(sides), _margin(reader))
    if relation == "!=":
        return Differ(tuple(sides))
    return Order(tuple(sides if relation == ">" else reversed(sides)))


def _margin(reader: _Reader) -> float:
    if not reader.peek("within"):
        raise _refused(
            reader.text, "`~` needs the largest difference that would not matter: write `within` and a number after it"
        )
    reader.take("within")
    margin = reader.number()
    if margin <= 0:
        raise _refused(reader.text, "a margin is above 0")
    return margin


def _correlated(reader: _Reader) -> Correlated:
    reader.take("corr")
    reader.take("(")
    x = reader.label()
    reader.take(",")
    y = reader.label()
    reader.take(")")
    relation = reader.take(">", "<", "~", "!=")
    value = reader.number()
    if not -1 < value < 1:
        raise _refused(reader.text, "a correlation is compared with a number between -1 and 1")
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
