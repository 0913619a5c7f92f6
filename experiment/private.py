"""Free texts and notes: kept apart from the dataset, which holds only references to them."""

from __future__ import annotations

from collections.abc import Collection

from experiment.allocation.claims import tombstone
from experiment.journal import FORMAT, RULES, Journal, bring_here, bring_second
from experiment.study import Study, Who


class Private:
    """The private record of one session, as durable as the journal itself.

    `known` are references that the journal has already: where a text of theirs is not here, as on another
    computer before the copy has come, no other text is given its reference.
    """

    def __init__(self, study: Study, who: Who, known: Collection[str | None] = ()) -> None:
        local, shared = study.local_private(who), study.private_journal(who)
        bring_second(local, study.second_spool)
        bring_here(local, shared)
        resume = local.is_file()
        self._who, self._known = who, known
        self._journal = Journal(
            local,
            None if local == shared else shared,
            within=study.data,
            resume=resume,
            durable=not study.simulated,
            second=None if local == shared else study.second_spool / local.name,
            barred=tombstone(study, who.code),
        )
        self._count = self._journal.count
        if not resume:
            self._journal.write(
                "session",
                None,
                format=FORMAT,
                rules=RULES,
                participant=who.code,
                session=who.session,
                private=True,
            )

    def keep(self, text: str) -> str:
        """Store a free text of the participant and return its reference."""
        reference = self._next()
        while reference in self._known:
            reference = self._next()
        self._journal.write("text", None, ref=reference, text=text)
        self._journal.sync()
        return reference

    def _next(self) -> str:
        self._count += 1
        return f"{self._who.stem}_text-{self._count:03d}"

    def note(self, kind: str, text: str) -> None:
        """Store a note of the experimenter."""
        self._journal.write("note", None, kind=kind, text=text)
        self._journal.sync()

    @property
    def problem(self) -> str:
        """Return what the disk or the copy complained of last, or an empty string."""
        return self._journal.problem and f"free texts and notes: {self._journal.problem}"

    def close(self) -> None:
        """Make all durable and let go of the file."""
        self._journal.close()
