"""Answer the question from the records of a run: statistics, figures, and verdicts on the hypotheses.

Verdicts lie in `hypotheses.json`: ``[{label, claim, verdict, effect, ..., declared: before | after}]``; for statistics
and figures see `artneuro.study.answers`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artneuro.errors import RecordError, RunError
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.statistics.verdict import undecided
from artneuro.study.answers import VERDICTS, Records, in_words, write_answers
from artneuro.study.declared import declared_study
from artneuro.study.events import Listener, Remark
from artneuro.study.plan import hypothesis_key
from artneuro.study.store import PLANNED, Store


def analyse(folder: Path | str, listen: Listener | None = None) -> Path:
    """Make statistics, verdicts and figures again from the records of a run.

    The declaration is `study.yaml` of the folder; analyses and figures may be edited there. A hypothesis that is
    edited there is marked as declared after the data.

    Parameters
    ----------
    folder : path
        A run folder.
    listen : callable, optional
        Told, in a `Remark`, of what was refused.

    Returns
    -------
    Path
        The run folder.

    Raises
    ------
    RunError
        Where it is not a run folder, or a run is active in it.
    RecordError
        Where a record is damaged; the text names the file.
    """
    store = Store(Path(folder))
    if not (store.folder / "plan.json").is_file():
        raise RunError(f"{folder}: not a run folder: it has no plan.json")
    tell = listen or (lambda event: None)
    with store.claimed():
        plan = store.plan()
        if lacking := [part for part in PLANNED if part not in plan]:
            raise RecordError(f"{store.folder / 'plan.json'}: not a plan as a run writes it: it lacks {lacking[0]}")
        conclude(store, tell, plan)
    return store.folder


def conclude(store: Store, listen: Listener, plan: Mapping[str, Any]) -> None:
    """Do the work of `analyse` in a folder that is held already, whose plan says what was declared when."""
    study = declared_study(store)
    records = store.records()
    write_answers(store, records, study.analyses, study.figures, listen)
    _write_verdicts(store, study.hypotheses, records, plan.get("hypotheses", {}), listen)


def _write_verdicts(
    store: Store,
    hypotheses: Mapping[str, Hypothesis],
    records: Records,
    declared: Mapping[str, Mapping[str, Any]],
    listen: Listener,
) -> None:
    verdicts = []
    for label, hypothesis in hypotheses.items():
        known = declared.get(label, {})
        before = known.get("key") == hypothesis_key(hypothesis) and known["declared"] == "before"
        try:
            verdict = hypothesis.test(records, label)
        except Exception as refusal:
            verdict = undecided(label, hypothesis.claim, hypothesis.subject_matter, in_words(refusal))
            listen(Remark(f"hypotheses.{label}: {in_words(refusal)}"))
        verdicts.append({**verdict.plain(), "declared": "before" if before else "after"})
    store.write_json(VERDICTS, verdicts)
