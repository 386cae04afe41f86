"""docs/store.md names every table and every unique index, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from support.aio import on_loop
from support.store_parts import look, opened

DOC = Path(__file__).parents[2] / "docs" / "store.md"


def first_cells(heading: str) -> list[str]:
    section = DOC.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE)


@on_loop
async def test_every_table_and_unique_index_is_documented(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path):
        pass
    named = "SELECT name FROM sqlite_master WHERE type = '{}' AND name NOT LIKE 'sqlite_%'"
    tables = [name for (name,) in look(path, named.format("table"))]
    assert sorted(first_cells("Tables")) == sorted(str(name) for name in tables)
    unique = look(path, named.format("index") + " AND sql LIKE 'CREATE UNIQUE%'")
    documented = first_cells("What the database itself guarantees")
    assert sorted(documented) == sorted(str(name) for (name,) in unique)
