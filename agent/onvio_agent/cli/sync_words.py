"""What is typed after `onvio-agent sync`: names and hashes, looked at before the agent is asked.

An empty word must not mean "all", and what can be no hash is a slip of the hand, not an unknown one.
"""

from __future__ import annotations

import re

import click

from onvio_agent.i18n import _

_HASH = re.compile(r"[0-9a-fA-F]{8,64}")
_NAME_MAX = 120


class NameType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """A company's name, or another short text."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail(_("It is empty."), param, ctx)
        if len(value) > _NAME_MAX or not value.isprintable():
            self.fail(
                _("At most {count} characters, none of them unprintable.").replace(
                    "{count}", str(_NAME_MAX)
                ),
                param,
                ctx,
            )
        return value


class HashType(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """The beginning of a document's hash."""

    name = "sha256"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _HASH.fullmatch(value):
            self.fail(
                _(
                    "A hash is 8 to 64 characters from 0 to 9 and a to f; see: onvio-agent sync list"
                ),
                param,
                ctx,
            )
        return value.lower()


NAME, HASH = NameType(), HashType()
