"""What every command may ask of its invocation: the profile's folders and its settings.

Nothing is read before a command asks for it, so that help and wrong usage stay cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import click

from onvio_agent.i18n import set_language

if TYPE_CHECKING:
    from onvio_config.load import Loaded
    from onvio_config.model import Settings
    from onvio_config.paths import Paths
    from onvio_config.text import SettingsError


class Invocation:
    """One call of the command line; kept as the click context's object."""

    def __init__(self, environ: Mapping[str, str], overrides: tuple[tuple[str, str], ...]) -> None:
        self.environ = environ
        self.overrides = overrides

    @cached_property
    def paths(self) -> Paths:
        """The folders of the profile that the environment names."""
        from onvio_config.paths import paths_from_env

        return paths_from_env(self.environ)

    def load(self) -> Loaded:
        """The settings with their origins, as they are now; raises SettingsError."""
        from onvio_config.load import load

        return load(self.paths, self.environ, self.overrides)

    @cached_property
    def loaded(self) -> Loaded:
        """The same, once for the call. Speaks their language from then."""
        loaded = self.load()
        set_language(loaded.settings.ui.language)
        return loaded

    def what_can_be_read(self) -> tuple[Settings, SettingsError | None]:
        """The settings without what is wrong in files and environment, and the first such mistake.

        Raises SettingsError for a mistake of the command line.
        """
        from onvio_config.load import load

        mistakes: list[SettingsError] = []
        loaded = load(self.paths, self.environ, self.overrides, mistakes=mistakes)
        for mistake in mistakes:
            if mistake.by_command:
                raise mistake
        set_language(loaded.settings.ui.language)
        return loaded.settings, mistakes[0] if mistakes else None

    @property
    def settings(self) -> Settings:
        """The settings alone."""
        return self.loaded.settings


def invocation() -> Invocation:
    """The one of the running command."""
    found = click.get_current_context().find_object(Invocation)
    if found is None:
        raise RuntimeError("a command was called outside the command line's frame")
    return found
