"""Verdict: what a run says of a claim."""

import math
from typing import Any, Literal, final

import attrs

Decision = Literal["supported", "contradicted", "undecided"]

ALPHA = 0.05
"""Level of every verdict."""


@final
@attrs.frozen(kw_only=True)
class Verdict:
    """What a run says of a claim.

    Parameters
    ----------
    label : str
        The hypothesis ("L1").
    claim : str
        As declared.
    of : str
        The variable, or both of a correlation.
    verdict : "supported", "contradicted" or "undecided"
        Supported: the test rejects at .05 in the claimed direction (every part of a claim that has several).
        Contradicted: a test rejects in the opposite direction, or an interval lies wholly outside the margin of an
        equivalence. Undecided: neither; also where the data cannot answer. A claim that something differs or interacts
        is never contradicted, because no difference is only ever shown within a margin.
    effect, effect_name, low, high : float, str, float, float
        The effect that decided (of several, the least certain part), and its interval: 95 %, 90 % for equivalence and
        for partial eta squared. NaN where there is none.
    p : float
        Of the claim, one-sided where it has a direction, corrected after Holm where it has several parts.
    n : int
        Independent observations: subjects, or pairs of twins.
    power : float
        For the effect that was seen; of an equivalence, if the true difference is 0.
    sentence : str
        The verdict with its numbers.
    notes : tuple of str
        What was left out, and cautions.
    """

    label: str
    claim: str
    of: str
    verdict: Decision
    effect: float
    effect_name: str
    low: float
    high: float
    p: float
    n: int
    power: float
    sentence: str
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-able data; what is not finite becomes None.

        Examples
        --------
        >>> undecided("L1", "a > b", "LesionStudy.auc", "b has no subject").plain()["effect"] is None
        True
        """
        values = attrs.asdict(self)
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in {**values, "notes": list(self.notes)}.items()
        }


def decide(for_it: bool, against_it: bool) -> Decision:
    """Return the verdict of what speaks for a claim and what speaks against it."""
    return "contradicted" if against_it else "supported" if for_it else "undecided"


def undecided(label: str, claim: str, of: str, reason: str) -> Verdict:
    """Return the verdict where the data cannot answer."""
    nothing = math.nan
    return Verdict(
        label=label,
        claim=claim,
        of=of,
        verdict="undecided",
        effect=nothing,
        effect_name="",
        low=nothing,
        high=nothing,
        p=nothing,
        n=0,
        power=nothing,
        sentence=f"{label} ({claim}) is undecided, because the data cannot answer it: {reason}",
    )
