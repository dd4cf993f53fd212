"""The journal of a run: what it tells while it works; `run.log` for people, `log.jsonl` for programs.

Lines of `log.jsonl` are JSON objects with `time`, `event` and, by event:

================================  ======================================================================
`run begun`                       `process`, `host`, `born`, `workers`, `executor`; `kinds`: subjects and parts,
                                  `done`, `to_do`
`started`                         `task`, `kind` ("subjects" or a record), `count` (subjects or parts it completes)
`epochs`                          `task`, `epoch` and `epochs`, of a litter, every few seconds
`done`                            `task`, `kind`, `count`, `seconds`, `peak_memory_mb` meanwhile, `left` of the run
`retried`, `failed`               the same with `error`, and `trace` where the error is not one that artneuro raises
`dropped`                         `task`, `kind`, `count`: nothing will come of it, or it was there
`remark`                          `text`: what a person should know
`gathered`                        `workers`, `dashboard`: who has come of a Dask cluster, and the page that shows it
`declared`                        `study`, and the `hypotheses`, when they were asked
`run done|failed|interrupted`     `superseded`: subjects and parts of older declarations; `error`: why it ended early
================================  ======================================================================
"""

from typing import final

import attrs

from artneuro.study.events import Event, Gathered, Listener, Remark
from artneuro.study.store import PAGE, Store, now
from artneuro.study.telling import Lines


@final
@attrs.define(eq=False)
class Journal:
    """Writes what a run tells into its folder, and passes it on.

    Parameters
    ----------
    store : Store
        The run folder.
    listen : callable
        Who else hears it.
    """

    store: Store
    listen: Listener
    _lines: Lines = attrs.field(factory=Lines, init=False)

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Remark):
            self.store.log("remark", {"text": event.text})
        if isinstance(event, Gathered):
            self.store.log("gathered", {"workers": event.workers, "dashboard": event.dashboard})
        if line := self._lines.of(event):
            self.note(line)
        self.listen(event)

    def note(self, line: str) -> None:
        """Add a line to `run.log`."""
        with (self.store.folder / PAGE).open("a", encoding="utf-8") as page:
            page.write(f"{now()[:19]}Z  {line}\n")
