"""What an import of the office's user list did, or would do: the answer of the control API.

Frozen data only, as in `status.py`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from onvio_agent.contract.status import Situation


class Outcome(StrEnum):
    """What an import does with a user of the list."""

    ADDED = "added"
    RENAMED = "renamed"
    EMAIL_NOTED = "email_noted"
    UNCHANGED = "unchanged"


class ImportedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A good line. `situation` is the user's, whatever the list says; `email` the list's.

    `former_name` is None unless the user is renamed.
    """

    line: int
    login: str
    name: str
    situation: Situation
    email: str | None
    outcome: Outcome
    former_name: str | None


class ImportFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said of a line (1 is the file's first). `column` is None where it is all of it.

    `title` and `next_step` are those of the reason `code`, in the agent's language, with `fields`
    filled in.
    """

    line: int
    column: str | None
    code: str
    title: str
    next_step: str
    fields: dict[str, str | int]


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`saved`: whether `users` is what was done; else it is what the good lines would do.

    `bad` are the lines that are not imported; `notes` what the list wishes and an import never does;
    `ignored_columns` names that mean nothing here.
    """

    saved: bool
    dry_run: bool
    encoding: str
    separator: str
    ignored_columns: tuple[str, ...]
    users: tuple[ImportedUser, ...]
    bad: tuple[ImportFinding, ...]
    notes: tuple[ImportFinding, ...]
