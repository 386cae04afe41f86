"""The settings as a flat table of keys, read off the model, so that the loader needs no list.

Nothing here knows a single setting by name.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec.structs import fields

from onvio_config.model import Settings
from onvio_config.text import N_, Text


class Key(NamedTuple):
    """One setting: `type` is what a value is converted to, `base` its bare type."""

    section: str
    name: str
    type: Any
    base: Any
    meta: msgspec.Meta
    default: Any

    @property
    def dotted(self) -> str:
        """`section.name`, as people write it."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"ONVIO_AGENT_{self.section}__{self.name}".upper()

    @property
    def secret(self) -> bool:
        """Whether its value must not be shown (`extra={"secret": True}` in the model)."""
        return bool((self.meta.extra or {}).get("secret"))


@cache
def known_keys() -> MappingProxyType[str, Key]:
    """Every setting by its dotted name, in the order of the model."""
    table: dict[str, Key] = {}
    for section in fields(Settings):
        for field in fields(section.type):
            base, meta = _split(field.type)
            key = Key(section.name, field.name, field.type, base, meta, field.default)
            table[key.dotted] = key
    return MappingProxyType(table)


def _split(kind: Any) -> tuple[Any, msgspec.Meta]:
    if get_origin(kind) is Annotated:
        base, *notes = get_args(kind)
        for note in notes:
            if isinstance(note, msgspec.Meta):
                return base, note
    return kind, msgspec.Meta()


def expected(key: Key) -> Text:
    """What a value of `key` must be, in words."""
    own = (key.meta.extra or {}).get("expected")
    if own is not None:
        return Text(own)
    if get_origin(key.base) is Literal:
        return Text(N_("one of: {choices}"), {"choices": ", ".join(map(str, get_args(key.base)))})
    if key.base is bool:
        return Text(N_("true or false"))
    if key.base in (int, float):
        return _expected_number(key)
    return Text(N_("text"))


def _expected_number(key: Key) -> Text:
    low, high = key.meta.ge, key.meta.le
    message = (
        N_("a whole number from {low} to {high}")
        if key.base is int
        else N_("a number from {low} to {high}")
    )
    return Text(message, {"low": f"{low:g}", "high": f"{high:g}"})
