"""Write what is made from the settings' model: schema, example file, docs/settings.md.

Run it after a change of `onvio_config/model.py`; a test fails until it was run.
"""

from __future__ import annotations

import json
from pathlib import Path

from onvio_config.schema import example_toml, markdown_tables, settings_schema

CONFIG_DIR = Path(__file__).parent
DOC_PATH = CONFIG_DIR.parent / "docs" / "settings.md"
BEGIN, END = "<!-- made by config/generate.py -->", "<!-- end -->"


def generated() -> dict[Path, str]:
    """Every generated file with what it must hold."""
    head, _, rest = DOC_PATH.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    return {
        CONFIG_DIR / "settings.schema.json": json.dumps(settings_schema(), indent=2) + "\n",
        CONFIG_DIR / "example-office.toml": example_toml(),
        DOC_PATH: f"{head}{BEGIN}\n\n{markdown_tables()}\n{END}{tail}",
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
