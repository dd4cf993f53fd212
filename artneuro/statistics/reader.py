"""Reader: the words of a claim, from left to right."""

import math
import re
from typing import final

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

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.:+%=/]))"
    r"|(?P<quoted>'[^']+'|\"[^\"]+\")"
    r"|(?P<label>\w*[^\W\d][\w.:+%=/]*(?:-\w[\w.:+%=/]*)*)"
    r"|(?P<symbol>!=|[><~(),-])"
    r")"
)


@final
class Reader:
    """Tokens of a claim, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                if text[place - 1 : place + 1].strip() in (">=", "<="):
                    raise refused(text, "no test shows that something is at least so much: write > or <")
                raise refused(text, f"{text[place:].strip()!r} is no label, number or sign")
            kind = str(match.lastgroup)
            self.tokens.append((kind, match[kind]))
            place = match.end()

    def peek(self, *words: str) -> bool:
        """Tell whether one of these stands next."""
        return bool(self.tokens) and self.tokens[0][1] in words  # a quoted word still has its quotes here

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
        return refused(self.text, f"{wanted} must stand where {came!r} does")

    def peeks_number(self) -> bool:
        """Tell whether a number stands next, with its sign or without."""
        return self.peek("-") or (bool(self.tokens) and self.tokens[0][0] == "number")

    def number(self) -> float:
        """Take a number, with its sign."""
        sign = -1.0 if self.peek("-") and self.take("-") else 1.0
        if not self.tokens or self.tokens[0][0] != "number":
            raise self.refused("a number")
        value = sign * float(self.tokens.pop(0)[1])
        if math.isinf(value):
            raise refused(self.text, "a number must be finite")
        return value

    def label(self) -> str:
        """Take a label, without its quotes."""
        if not self.tokens or self.tokens[0][0] not in ("label", "quoted"):
            raise self.refused("a label")
        kind, text = self.tokens.pop(0)
        return text[1:-1] if kind == "quoted" else text


def refused(text: str, why: str) -> SpecificationError:
    """Return the error that a claim cannot be read, with claims that can."""
    return SpecificationError(
        [Problem("", "a claim such as " + ", ".join(EXAMPLES), shown(text), f"{why[0].upper()}{why[1:]}.")]
    )
