"""Result: what an analysis answers, as tables and as sentences."""

from collections.abc import Mapping
from typing import final

import attrs
import pandas as pd


@final
@attrs.frozen(eq=False)
class Result:
    """The answer of one analysis.

    Parameters
    ----------
    name : str
        The analysis, as registered ("anova", "t_test", ...).
    of : str
        What was analysed ("LesionStudy.auc").
    tables : mapping of str to DataFrame
        The test itself under `name`, and what stands beside it ("posthoc", "assumptions", "power", ...).
    sentences : tuple of str
        The result in the usual form, most important first.
    notes : tuple of str
        What was left out and what to be careful about, in words.
    """

    name: str
    of: str
    tables: Mapping[str, pd.DataFrame]
    sentences: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """The main table."""
        return self.tables[self.name]

    def __str__(self) -> str:
        return "\n".join([*self.sentences, *(f"Note: {note}" for note in self.notes)])
