"""Counts and names of a data file, sound or not."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onvio_agent.store.migrate import known
from onvio_agent.store.statistics import Names, look_at_statistics
from support.store_parts import add_linked, opened


async def filled(path: Path) -> None:
    async with opened(path) as store:
        for login in ("helena", "ana"):
            await add_linked(store, login, sealed=b"sealed")


def test_a_sound_file_is_counted_and_its_people_are_named(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    asyncio.run(filled(path))
    found, names = look_at_statistics(path)
    assert (found.present, found.trouble, found.schema) == (True, None, len(known()))
    rows = {each.table: each.rows for each in found.tables}
    assert (rows["users"], rows["links"], rows["sync_documents"]) == (2, 2, 0)
    assert found.size > 0
    assert [person.ids[0] for person in names.people] == ["helena", "ana"]
    assert all(person.ids[1] for person in names.people)


def test_a_damaged_file_says_so_and_gives_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    asyncio.run(filled(path))
    data = bytearray(path.read_bytes())
    for page in range(8, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(data)
    found, _names = look_at_statistics(path)
    assert (found.trouble, found.size) == ("store.corrupt", len(data))
    path.write_bytes(b"no database at all" * 300)
    found, names = look_at_statistics(path)
    assert (found.present, found.trouble, found.tables, names) == (
        True,
        "store.corrupt",
        (),
        Names(),
    )


def test_what_is_no_data_file_of_ours_is_not_looked_into(tmp_path: Path) -> None:
    found, names = look_at_statistics(tmp_path / "agent.db")
    assert (found.present, found.trouble, names) == (False, None, Names())
    (tmp_path / "agent.db").touch()
    found, _names = look_at_statistics(tmp_path / "agent.db")
    assert (found.trouble, found.tables) == ("store.unwritable", ())
