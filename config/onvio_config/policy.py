"""The administrator's policy: settings that only the machine-wide file may decide.

    [policy]
    locked = ["onvio.api_url", "proxy.*"]

A locked setting that the file does not set stays at its default. Nothing here reads files.
"""

from __future__ import annotations

from typing import NamedTuple

from onvio_config.keys import known_keys
from onvio_config.sources import POLICY, Given, Origin, OriginKind
from onvio_config.text import N_, LockedError, SettingsError, Text

LOCKED = f"{POLICY}.locked"
"""The one key of the policy."""

_MAX_LOCKS = 1000


class Lock(NamedTuple):
    """One locked setting: `origin` is where the policy stands."""

    dotted: str
    origin: Origin

    def refusal(self, given: Given) -> LockedError:
        """What to say to whoever set it all the same."""
        fields: dict[str, object] = {
            "where": given.origin.text(),
            "key": self.dotted,
            "lock": self.origin.text(),
        }
        text = Text(N_("{where}: {key} is locked by the machine-wide settings ({lock})."), fields)
        return LockedError(text, path=given.origin.path, line=given.origin.line, key=self.dotted)


def locks_of(given: Given) -> dict[str, Lock]:
    """The settings that `policy.locked` locks, by `section.key`.

    Raises SettingsError where it stands anywhere but in the machine-wide file, is no list of texts,
    or names a setting that does not exist.
    """
    if given.origin.kind is not OriginKind.MACHINE:
        raise _error(given, Text(N_("only the machine-wide file may lock settings.")))
    if not isinstance(given.value, list) or len(given.value) > _MAX_LOCKS:
        raise _error(given, _expected())
    return {
        dotted: Lock(dotted, given.origin)
        for entry in given.value
        for dotted in _settings_of(given, entry)
    }


def _settings_of(given: Given, entry: object) -> list[str]:
    if not isinstance(entry, str):
        raise _error(given, _expected())
    section = entry.removesuffix(".*")
    found = [
        key.dotted
        for key in known_keys().values()
        if entry == key.dotted or (section != entry and section == key.section)
    ]
    if not found:
        shown = entry[:60] if entry.isprintable() else "…"
        raise _error(given, Text(N_('there is no setting "{entry}".'), {"entry": shown}))
    return found


def _expected() -> Text:
    return Text(N_('it must be a list such as ["onvio.api_url", "proxy.*"].'))


def _error(given: Given, what: Text) -> SettingsError:
    origin = given.origin
    text = Text("{where}: {key}: {what}", {"where": origin.text(), "key": LOCKED, "what": what})
    return SettingsError(
        text,
        path=origin.path,
        line=origin.line,
        key=LOCKED,
        by_command=origin.kind is OriginKind.COMMAND,
    )
