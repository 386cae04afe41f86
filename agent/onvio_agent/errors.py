"""The exception tree of the agent's own refusals and failures.

    AgentError                 carries a reason code and its fields; str() is the English text
    ├── WrongUsage             exit 2
    ├── NotRunning             exit 3
    ├── Refused                exit 4: a rule says no; nothing was changed
    └── Failed                 exit 5: it should have worked and did not
        ├── StoreFailed        the data file: corrupt, full, newer, unwritable
        └── VaultFailed        the key: locked or lost

ONVIO's errors have a tree of their own in `onvio/errors.py`. Raise; log once at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from onvio_agent.contract import reasons


class AgentError(Exception):
    """A reason of the catalogue, with the fields that its texts name."""

    exit_code: ClassVar[int] = 5

    def __init__(self, code: str, **fields: object) -> None:
        self.reason = reasons.get(code)
        self.fields: dict[str, object] = fields
        super().__init__(f"{code}: {fill(self.reason.title, fields)}")

    @property
    def code(self) -> str:
        """The reason's code."""
        return self.reason.code


class WrongUsage(AgentError):
    """The command or request itself is wrong."""

    exit_code = 2


class NotRunning(AgentError):
    """There is no agent on this profile."""

    exit_code = 3


class Refused(AgentError):
    """A rule says no."""

    exit_code = 4


class Failed(AgentError):
    """It should have worked and did not."""


class StoreFailed(Failed):
    """The data file cannot be used."""


class VaultFailed(Failed):
    """The key that protects the tokens cannot be used."""


def fill(text: str, fields: Mapping[str, object]) -> str:
    """`text` with its `{fields}` filled in; a field that was not given stays visible."""
    for name, value in fields.items():
        text = text.replace("{" + name + "}", str(value))
    return text
