"""What is left in a folder is counted and told, and keeps nothing else from being delivered."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.api.sync_shapes import overview
from onvio_agent.contract.sync import ClientRow
from onvio_agent.sync.left import Left
from onvio_agent.sync.parts import FoundFile
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import OFICINA, nfe

STORED = ("stored", None)


async def rows(it: Deliverer) -> dict[str, ClientRow]:
    return {row.name: row for row in (await overview(it.bench.desk)).clients}


def test_of_each_kind_the_first_is_remembered() -> None:
    left = Left()
    for path in ("a", "b"):
        left.add("sync.left_link", path)
    left.add("sync.left_name", "c")
    assert [(code, k.count, k.example) for code, k in left.kinds.items()] == [
        ("sync.left_link", 2, "a"),
        ("sync.left_name", 1, "c"),
    ]


@on_loop
async def test_a_file_that_cannot_be_read_is_told_until_it_can_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.folders.locked.append("1.xml")
        for number in range(1, 4):
            it.put(f"{number}.xml", nfe(number))
        it.put("leia-me.txt", b"")
        await it.through()
        assert await it.states() == [STORED, STORED]
        row = (await rows(it))["Padaria"]
        assert row.reason is None
        told = {left.reason: (left.count, left.example) for left in row.left}
        assert told == {
            "sync.left_unreadable": (1, "1.xml"),
            "sync.left_other": (1, "leia-me.txt"),
        }
        assert all("1.xml" in left.title for left in row.left if "unread" in left.reason)
        it.bench.folders.locked.clear()
        await it.through()
        assert [left.reason for left in (await rows(it))["Padaria"].left] == ["sync.left_other"]
        said = [event["reason"] for event in it.bench.events("sync.files_left")]
        assert sorted(said) == ["sync.left_other", "sync.left_unreadable"]


@on_loop
async def test_a_name_with_broken_letters_can_be_shown(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        left = Left()
        left.add("sync.left_name", "inv\udcff\n.xml")
        it.sync.inbox.leftovers[1] = left
        (told,) = (await rows(it))["Padaria"].left
        assert told.example.isprintable()
        told.title.encode()


@on_loop
async def test_one_company_that_cannot_be_looked_at_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "oficina"
    other.mkdir()
    async with deliverer(tmp_path) as it:
        await it.add_client("Oficina", OFICINA, "chave-2", str(other))
        folders = it.bench.folders
        read = folders.read

        def odd(folder: str, file: FoundFile, limit: int) -> bytes | None:
            if folder == it.folder:
                raise ValueError("nobody expected this")
            return read(folder, file, limit)

        monkeypatch.setattr(folders, "read", odd)
        it.put("nota.xml", nfe(1))
        then = it.bench.clock.wall().timestamp() - 100
        folders.put(str(other), "nota.xml", nfe(2, cnpj=OFICINA), then)
        await it.through()
        assert await it.states() == [STORED]
        found = await rows(it)
        assert (found["Padaria"].reason, found["Oficina"].reason) == ("sync.look_failed", None)
        assert len(it.bench.events("sync.look_failed")) == 1
        monkeypatch.undo()
        await it.through()
        assert (await rows(it))["Padaria"].reason is None
        assert await it.states() == [STORED, STORED]
