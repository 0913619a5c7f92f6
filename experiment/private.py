"""Free texts and notes: kept apart from the dataset, which holds only references to them."""

from __future__ import annotations

from experiment.journal import FORMAT, RULES, Journal, bring_here
from experiment.study import Study, Who


class Private:
    """The private record of one session, as durable as the journal itself."""

    def __init__(self, study: Study, who: Who) -> None:
        local, shared = study.local_private(who), study.private_journal(who)
        bring_here(local, shared)
        resume = local.is_file()
        self._who = who
        self._journal = Journal(
            local,
            None if local == shared else shared,
            within=study.data,
            resume=resume,
            durable=not study.simulated,
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
        self._count += 1
        reference = f"{self._who.stem}_text-{self._count:03d}"
        self._journal.write("text", None, ref=reference, text=text)
        self._journal.sync()
        return reference

    def note(self, kind: str, text: str) -> None:
        """Store a note of the experimenter."""
        self._journal.write("note", None, kind=kind, text=text)
        self._journal.sync()

    def close(self) -> None:
        """Make all durable and let go of the file."""
        self._journal.close()
