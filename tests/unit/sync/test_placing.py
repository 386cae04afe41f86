"""Files go where they belong once all is known of them, and one folder's trouble is its own."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.sync.parts import FoundFile
from support.aio import on_loop
from support.deliverers import deliverer
from support.deliveries import OFICINA, nfe

MANY = 30
"""More than are moved at once."""


@on_loop
async def test_a_folder_that_cannot_be_written_holds_up_no_other_companys_files(
    tmp_path: Path,
) -> None:
    other = tmp_path / "oficina"
    other.mkdir()
    async with deliverer(tmp_path) as it:
        await it.add_client("Oficina", OFICINA, "chave-2", str(other))
        it.bench.folders.read_only.append(it.folder)
        for number in range(1, MANY + 1):
            it.put(f"{number}.xml", nfe(number))
        await it.through()
        then = it.bench.clock.wall().timestamp() - 100
        it.bench.folders.put(str(other), "nota.xml", nfe(99, cnpj=OFICINA), then)
        await it.through()
        await it.look()
        assert it.bench.folders.paths(str(other)) == ["enviados/2026-11/nota.xml"]
        it.bench.folders.read_only.clear()
        await it.look()
        assert len(it.put_away()) == MANY
        assert it.sync.placing.troubles == {}


@on_loop
async def test_what_could_not_be_noted_is_found_gone_the_next_time(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:

        def fill(_source: str) -> None:
            it.bench.disk.full = True

        it.bench.folders.before_move = fill
        it.put("nota.xml", nfe(1))
        await it.through()
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
        it.bench.disk.full, it.bench.folders.before_move = False, None
        await it.through()
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
        (client,) = it.sync.clients.everyone()
        assert await it.bench.desk.store.sync.done_files(client.id, 9) == []


@on_loop
async def test_one_file_that_cannot_be_moved_holds_up_no_other(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:

        def stuck(source: str) -> None:
            if source == "1.xml":
                raise OSError("the file system says no")

        it.bench.folders.before_move = stuck
        for number in range(1, MANY + 1):
            it.put(f"{number}.xml", nfe(number))
        await it.through()
        await it.look()
        left = [path for path in it.bench.folders.paths(it.folder) if "/" not in path]
        assert left == ["1.xml"]
        assert list(it.sync.placing.troubles.values()) == ["sync.folder_unwritable"]
        it.bench.folders.before_move = None
        await it.look()
        assert len(it.put_away()) == MANY
        assert it.sync.placing.troubles == {}


@on_loop
async def test_a_name_as_long_as_they_can_be_leaves_room_for_the_note(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("é" * 125 + ".xml", b"<nothing/>")
        await it.through()
        refused = it.bench.folders.paths(it.folder, "rejeitados/")
        assert len(refused) == 2
        assert all(len(path.rpartition("/")[2].encode()) <= 255 for path in refused)


@on_loop
async def test_thousands_of_one_name_are_put_away_each_with_few_looks(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        numbers = ["", *(f"-{number}" for number in range(2, 3001))]
        for number in numbers:
            it.bench.folders.put(it.folder, f"enviados/2026-11/nota{number}.xml", b"", 0)
        looked: list[str] = []
        looks = it.bench.folders.looks

        def counted(folder: str, path: str) -> FoundFile | None:
            looked.append(path)
            return looks(folder, path)

        it.bench.folders.looks = counted  # type: ignore[method-assign]  # the same, counted
        it.put("nota.xml", nfe(1))
        await it.through()
        assert "enviados/2026-11/nota-3001.xml" in it.put_away()
        assert len([path for path in looked if path.startswith("enviados/")]) < 40


@on_loop
async def test_each_note_names_the_file_that_it_lies_beside(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("um.xml", b"<y/>")
        it.put("outro.xml", b"<y/>")
        it.put("vazio.zip", b"")
        it.put("vazio.xml", b"")
        await it.look()
        it.bench.pass_time(16)
        await it.through()
        for name in ("um.xml", "outro.xml", "vazio.zip", "vazio.xml"):
            note = it.bench.folders.files[it.folder, f"rejeitados/{name}.txt"][0].decode()
            assert note.splitlines()[0] == name
        for name in ("vazio.zip", "vazio.xml"):
            note = it.bench.folders.files[it.folder, f"rejeitados/{name}.txt"][0].decode()
            assert note.splitlines()[1] == "O arquivo está vazio."
