"""Losses have the unit of what was minimised."""

from artneuro.protocols.wiring_record import OUTPUTS, judged_by


def test_losses_alone_are_named_and_measured_by_what_judged_them():
    found = judged_by("mean_square")
    changed = {name for name in OUTPUTS if found[name] != OUTPUTS[name]}
    assert changed == {"train_loss", "test_loss", "graph_test_loss"}
    assert {found[name].units for name in changed} == {"1"}
    assert all("mean square" in found[name].long_name for name in changed)
    assert judged_by("cross_entropy") == OUTPUTS
