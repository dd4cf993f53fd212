"""Text from files, made harmless for a terminal."""

import unicodedata

INVISIBLE = ("Cc", "Cf", "Cs", "Co")
"""Categories of characters that do something else than being seen: they move the cursor, colour, delete, turn round."""


def printable(text: str) -> str:
    r"""Return a text with control characters written out; line breaks stay.

    A study file or a run folder may come from a stranger, and a terminal obeys what is printed to it.

    Examples
    --------
    >>> print(printable("a\x1b[2Jb\u202e\nc"))
    a\x1b[2Jb\u202e
    c
    """
    return "".join(one if one == "\n" or unicodedata.category(one) not in INVISIBLE else _written(one) for one in text)


def _written(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
