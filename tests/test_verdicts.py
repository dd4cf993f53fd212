"""The overview of `protocols/README.md` says what its sections say, and every study file has a section."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[1] / "protocols"
TEXT = (FOLDER / "README.md").read_text(encoding="utf-8")
KINDS = ("supported", "undecided", "contradicted")
HEAD = "| study | as claimed | undecided | contradicted |\n|---|---|---|---|\n"


def sections() -> dict[str, str]:
    """The text of each section by its heading, which names one study file or several."""
    parts = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    return {heading: text for heading, _, text in (part.partition("\n") for part in parts) if ".yaml" in heading}


def verdicts() -> Iterator[tuple[str, str, str]]:
    """Study, label and verdict of every row that has one; a section on several studies names them in a first column."""
    for heading, section in sections().items():
        names = [name.removesuffix(".yaml") for name in heading.split(", ")]
        study = names[0]
        for line in section.splitlines():
            cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")] if line.startswith("|") else []
            if len(names) > 1 and cells and cells[0]:
                study = next((name for name in names if name.endswith(cells[0].replace(" ", "_"))), study)
            for cell in cells:
                if (said := re.match(r"\*\*(supported|undecided|contradicted)\*\*", cell)) is not None:
                    yield study, cells[len(names) > 1], said[1]


def overview() -> str:
    """The table as it must be."""
    found: dict[str, dict[str, list[str]]] = {}
    for study, label, verdict in verdicts():
        found.setdefault(study, {kind: [] for kind in KINDS})[verdict].append(label)
    rows = [[", ".join(by_kind[kind]) or "-" for kind in KINDS] for by_kind in found.values()]
    return HEAD + "".join(f"| {study} | {' | '.join(row)} |\n" for study, row in zip(found, rows, strict=True))


def test_the_overview_says_what_the_sections_say():
    expected = overview()
    assert expected in TEXT, f"protocols/README.md must hold this table:\n\n{expected}"


def test_every_study_file_has_a_section_with_verdicts():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {study for study, _, _ in verdicts()}


def test_every_verdict_is_of_a_hypothesis_that_its_file_declares():
    for study, label, _ in verdicts():
        declared = yaml.safe_load((FOLDER / f"{study}.yaml").read_text(encoding="utf-8"))
        profiles = declared.get("profiles", {}).values()
        known = {*declared["hypotheses"], *(each for profile in profiles for each in profile.get("hypotheses", {}))}
        assert label in known, f"{study}: {label}"
