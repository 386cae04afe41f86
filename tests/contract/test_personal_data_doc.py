"""docs/personal-data.md names every table of the store, and says rightly which hold a user's rows."""

from __future__ import annotations

import re
from pathlib import Path

from onvio_agent.store.person import OF_PERSON
from support.aio import on_loop
from support.store_parts import look, opened

PAGE = (Path(__file__).parents[2] / "docs" / "personal-data.md").read_text("utf-8")


def named(heading: str) -> list[str]:
    """The tables in the first cells below a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@on_loop
async def test_every_table_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path):
        pass
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    of_user, others = (
        named("O que fica de cada usuário"),
        named("O que mais há no arquivo de dados"),
    )
    assert sorted(of_user) == sorted(OF_PERSON)
    assert sorted(of_user + others) == sorted(str(name) for (name,) in look(path, sql))
