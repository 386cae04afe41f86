"""The settings as JSON Schema, example file and documentation, all made from the model.

Not needed by a running agent; imported by `config schema` and by `config/generate.py`.
"""

from __future__ import annotations

import json
import textwrap
from typing import Any, Literal, get_args, get_origin

import msgspec

from onvio_config.keys import Key, expected, known_keys
from onvio_config.model import Settings
from onvio_config.sources import POLICY

_POLICY_SCHEMA = {
    "description": "Machine-wide file only: which settings nobody else may set.",
    "type": "object",
    "properties": {
        "locked": {
            "description": "Settings by section.key, or a whole section as section.*",
            "type": "array",
            "items": {"type": "string"},
        }
    },
    "additionalProperties": False,
}


def settings_schema() -> dict[str, Any]:
    """JSON Schema of settings.toml."""
    made = msgspec.json.schema(Settings)
    made["$defs"]["Settings"]["properties"][POLICY] = _POLICY_SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "onvio-agent settings",
        **made,
    }


def example_toml() -> str:
    """Every key with its default, commented out below its meaning."""
    parts = [
        "# Settings of onvio-agent: every key, with its default.\n"
        "# Remove the # before a key to change it. Check with: onvio-agent config check\n"
    ]
    section = ""
    for key in known_keys().values():
        if key.section != section:
            section = key.section
            parts.append(f"\n[{section}]\n")
        note = f"{key.meta.description} Must be {expected(key).render()}."
        parts += [f"# {line}\n" for line in textwrap.wrap(note, 96)]
        parts.append(f"#{key.name} = {as_toml(key.default)}\n")
    return "".join(parts)


def as_toml(value: object) -> str:
    """A text, number or truth value as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)


def markdown_tables() -> str:
    """One table per section, for docs/settings.md."""
    parts = []
    section = ""
    for key in known_keys().values():
        if key.section != section:
            section = key.section
            parts.append(
                f"\n### [{section}]\n\n| key | default | values | meaning |\n|---|---|---|---|\n"
            )
        parts.append(
            f"| `{key.name}` | `{as_toml(key.default)}` | {_values(key)} | {key.meta.description} |\n"
        )
    return "".join(parts).lstrip()


def _values(key: Key) -> str:
    if get_origin(key.base) is Literal:
        return " · ".join(f"`{choice}`" for choice in get_args(key.base))
    return expected(key).render()
