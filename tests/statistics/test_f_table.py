"""Which degrees of freedom a sentence reports."""

import pandas as pd
import pytest

from artneuro.statistics import assumptions
from artneuro.statistics.f_table import corrected, sentence, with_effects

FOUND = pd.DataFrame([{"source": "clamp", "df1": 2.0, "df2": 20.0, "f": 6.0, "p": 0.009, "p_gg": 0.02, "epsilon": 0.6}])


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        ("yes", (2.0, 20.0, 0.009, "")),
        ("no", (1.2, 12.0, 0.02, " (Greenhouse-Geisser)")),
        ("not tested", (1.2, 12.0, 0.02, " (Greenhouse-Geisser)")),
        (None, (1.2, 12.0, 0.02, " (Greenhouse-Geisser)")),
    ],
)
def test_degrees_of_freedom_are_corrected_unless_sphericity_was_seen_to_hold(holds, expected):
    check = assumptions.checked("sphericity", "clamp", "Mauchly W", 0.5, 0.5) | {"holds": holds}
    checks = assumptions.table([check] if holds else [])
    assert corrected(FOUND.iloc[0], checks) == pytest.approx(expected)


def test_effects_stand_beside_f():
    table = with_effects(FOUND, {"clamp": 22.0})
    row = table.iloc[0]
    assert row["partial_eta_squared"] == pytest.approx(6 * 2 / (6 * 2 + 20))
    assert row["eta_low"] < row["partial_eta_squared"] < row["eta_high"]
    text = sentence("auc", row, assumptions.table([]), ", within 11 subjects")
    assert text.startswith(
        "auc by clamp, within 11 subjects: F(1.20, 12) = 6.00, p = .020 (Greenhouse-Geisser), partial"
    )
