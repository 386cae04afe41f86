"""Sentences that a higher layer translates: a message id with its fields, kept apart.

This package lies below the message catalogue, so it marks its sentences and leaves the language to
whoever shows them. It must not format numbers or dates for a locale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Mark `message` for the message catalogue without translating it."""
    return message


class Text(NamedTuple):
    """`message` is a plain English sentence; `{name}` in it stands for `fields[name]`.

    A field may itself be a Text, which is rendered in the same language.
    """

    message: str
    fields: dict[str, object] = {}  # noqa: RUF012 - never written to; NamedTuple needs a value

    def render(self, translate: Callable[[str], str] = str) -> str:
        """The sentence in the language of `translate` (English without one)."""
        sentence = translate(self.message)
        for name, value in self.fields.items():
            shown = value.render(translate) if isinstance(value, Text) else str(value)
            sentence = sentence.replace("{" + name + "}", shown)
        return sentence


class SettingsError(Exception):
    """A mistake in the settings: what is wrong, where it was set, and what was expected.

    `path`: the file, or None when it was not a file. `line`: counted from 1, None where unknown.
    `key`: `section.name`, or None when the whole source cannot be read. `by_command` tells a
    mistake on the command line (wrong usage) from one that lies in a file or the environment.
    """

    def __init__(
        self,
        text: Text,
        *,
        path: str | None = None,
        line: int | None = None,
        key: str | None = None,
        by_command: bool = False,
    ) -> None:
        self.text = text
        self.path = path
        self.line = line
        self.key = key
        self.by_command = by_command
        super().__init__(text.render())


class LockedError(SettingsError):
    """A setting that the machine-wide file locks was set elsewhere; `path` and `line` say where."""


class FolderError(SettingsError):
    """A folder of the profile that cannot be made or written to; `path` names it."""
