"""Report: one self-contained page a run. It loads nothing, runs nothing, and reads on a phone and on paper."""

import math
import re
from pathlib import Path
from typing import get_args

import jinja2
from markupsafe import Markup, escape

from artneuro import files
from artneuro._version import __version__
from artneuro.errors import RecordError
from artneuro.statistics.verdict import Decision, Verdict
from artneuro.study.account import Account
from artneuro.study.printing import number, p_value, sheet
from artneuro.study.reading import read_account

NAME = "report.html"


def write_report(folder: Path | str) -> Path:
    """Write the report page of a run.

    Parameters
    ----------
    folder : path
        A run folder; it need not be complete: the page says what is missing.

    Returns
    -------
    Path
        ``report.html`` in the folder.

    Raises
    ------
    RunError
        Where it is not a run folder.
    RecordError
        Where a file is damaged; the text names it.
    """
    path = Path(folder) / NAME
    account = read_account(folder)
    try:
        page = render(account)
    except (TypeError, ValueError, jinja2.UndefinedError) as error:
        papers = "one of hypotheses.json, statistics/results.json, figures/figures.json and provenance.json"
        raise RecordError(
            f"{folder}: {papers} is not as a run writes it ({error}). Run again, which makes them anew."
        ) from error
    files.write_text(path, page)
    return path


def render(account: Account) -> str:
    """Return the page that tells an account, as HTML.

    Examples
    --------
    >>> page = render(Account(study="lesions", question="Is 1 < 2?"))
    >>> "Is 1 &lt; 2?" in page
    True
    """
    return _PAGES.get_template("report.html.j2").render(
        account=account,
        verdicts=[(v, interval(v.effect, v.low, v.high)) for v in account.verdicts],
        counts={word: sum(v.verdict == word for v in account.verdicts) for word in get_args(Decision)},
        made_by=__version__,
        versions=dict(account.sessions[-1].get("versions", {})) if account.sessions else {},
        number=number,
        size=size,
        p_value=p_value,
        sheet=sheet,
    )


def size(verdict: Verdict, value: float) -> str:
    """Return the effect of a verdict, or an end of its interval: only a difference has a unit."""
    return number(value, unitless="difference" not in verdict.effect_name)


def coded(text: str) -> Markup:
    """Return a text as HTML in which what stands between backticks is set as code; all else is escaped.

    Examples
    --------
    >>> coded("`artneuro run` < all")
    Markup('<code>artneuro run</code> &lt; all')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def breaking(text: str) -> Markup:
    """Return a name as HTML that may be broken after each joint, so that long ones fit a phone.

    Examples
    --------
    >>> breaking("LesionStudy.auc_<b>")
    Markup('LesionStudy.<wbr>auc_<wbr>&lt;b&gt;')
    """
    return Markup(re.sub(r"([._-])(?=[^._-])", r"\1<wbr>", str(escape(text))))


def interval(effect: float, low: float, high: float) -> dict[str, float] | None:
    """Return where effect, interval and zero stand on a strip from 0 to 100; None where there is no effect.

    An end that is not given (or infinite) runs out of the strip.

    Examples
    --------
    >>> interval(1.0, 0.5, 1.5)
    {'zero': 8.0, 'effect': 64.0, 'low': 36.0, 'high': 92.0}
    """
    if math.isnan(effect):
        return None
    ends = [value for value in (effect, low, high, 0.0) if math.isfinite(value)]
    least, reach = min(ends), (max(ends) - min(ends)) or 1.0

    def at(value: float, beyond: float) -> float:
        return round(8 + 84 * (value - least) / reach, 2) if math.isfinite(value) else beyond

    return {"zero": at(0.0, 0.0), "effect": at(effect, 50.0), "low": at(low, 0.0), "high": at(high, 100.0)}


_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,  # whatever stands in a study file or a table is text, never markup
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {"coded": coded, "breaking": breaking}
