"""Declared: the study of a run folder, held against the plan that its data were made by."""

from typing import Any

from artneuro.errors import RecordError
from artneuro.records import content_key
from artneuro.study.declaration import load_study
from artneuro.study.store import PLAN, STUDY, Store
from artneuro.study.study import Study

RESTS = ("cohort", "protocols")
"""Parts of a declaration that data rest on; a person may change the others, and analyse what is there anew."""


def keys(study: Study) -> dict[str, str]:
    """Return the content key of each part of a declaration that data rest on.

    Examples
    --------
    >>> from artneuro.fields import build
    >>> cohort = {"anatomy": {"mlp": {"widths": [8]}}, "environment": {"digits": {}}, "arms": {"only": []}}
    >>> asked = {"study": "asked", "question": "Is it?", "cohort": cohort}
    >>> words, fewer = {**asked, "question": "Is it so?"}, {**asked, "cohort": {**cohort, "n": 3}}
    >>> [keys(build(Study, other)) == keys(build(Study, asked)) for other in (words, fewer)]
    [True, False]
    """
    made: dict[str, Any] = study.plain()
    return {part: content_key(made[part]) for part in RESTS}


def declared_study(store: Store) -> Study:
    """Return what `study.yaml` of a run folder declares.

    Raises
    ------
    RecordError
        Where it declares other subjects or measurements than those that are there; the text names the file.
    """
    study = load_study(store.folder / STUDY)
    plan = store.plan()
    if "declaration" not in plan:
        raise RecordError(f"{store.folder / PLAN}: not a plan as a run writes it: it lacks declaration. Run again.")
    other = [part for part, key in keys(study).items() if plan["declaration"].get(part) != key]
    if other:
        raise RecordError(
            f"{store.folder / STUDY}: not the {' and '.join(other)} that the data here were planned by. Put it "
            "back, or run it: without that, only analyses, figures, hypotheses and words may be changed."
        )
    return study
