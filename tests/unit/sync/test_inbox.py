"""What is taken from a folder and when, what is left alone, and what is put away where."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import nfe
from support.documents import defects

STORED = ("stored", None)


def zipped(*names: str, start: int = 1) -> bytes:
    """A .zip with a valid document for each name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names, start):
            archive.writestr(name, nfe(number))
    return out.getvalue()


@on_loop
async def test_a_young_file_is_taken_at_the_second_look_unless_it_grew(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1)[:700], age_s=1)
        await it.look()
        assert await it.states() == []
        it.put("nota.xml", nfe(1), age_s=0.5)
        await it.look()
        assert await it.states() == []
        await it.through()
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_an_old_file_that_looks_unfinished_is_looked_at_twice(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1)[:700])
        await it.look()
        assert await it.states() == []
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [STORED]
        it.put("meia.xml", nfe(2)[:700])
        await it.look()
        await it.look()
        assert len(await it.states()) == 1
        await it.later(16)
        await it.look()
        assert (await it.states())[1] == ("refused", "sync.malformed")


@on_loop
async def test_a_file_that_somebody_holds_is_left_alone(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        it.bench.folders.locked.append("nota.xml")
        await it.through()
        assert await it.states() == []
        it.bench.folders.locked.clear()
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_a_file_that_is_replaced_before_it_is_put_away_is_a_document_of_its_own(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        await it.look()
        it.put("nota.xml", nfe(2), age_s=50)
        await it.through()
        await it.through()
        assert await it.states() == [STORED, STORED]
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
        assert it.copies() == [1, 1]


@on_loop
async def test_a_file_that_is_replaced_in_the_moment_of_its_moving_is_not_lost(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))

        def replace(_source: str) -> None:
            it.bench.folders.before_move = None
            it.put("nota.xml", nfe(2), age_s=50)

        it.bench.folders.before_move = replace
        await it.through()
        await it.through()
        assert await it.states() == [STORED, STORED]


@on_loop
async def test_a_folder_that_is_gone_comes_back_and_is_said_once(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.folders.gone.append(it.folder)
        it.put("nota.xml", nfe(1))
        await it.look()
        await it.look()
        assert len(it.bench.events("sync.folder_unreadable")) == 1
        assert list(it.sync.inbox.troubles.values()) == ["sync.folder_unreadable"]
        it.bench.folders.gone.clear()
        await it.through()
        assert await it.states() == [STORED]
        assert it.sync.inbox.troubles == {}


@on_loop
async def test_on_a_full_disk_documents_are_delivered_and_the_disk_is_named(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.folders.full.append(it.folder)
        it.put("nota.xml", nfe(1))
        it.put("teste.xml", defects(2)["a test note"][0])
        await it.through()
        assert await it.states() == [STORED, ("refused", "sync.test_environment")]
        assert list(it.sync.placing.troubles.values()) == ["sync.folder_full"]
        it.bench.folders.full.clear()
        await it.look()
        assert len(it.put_away()) == 3
        assert it.sync.placing.troubles == {}


@on_loop
async def test_from_a_read_only_folder_documents_are_delivered_and_put_away_later(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.folders.read_only.append(it.folder)
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [STORED]
        assert list(it.sync.placing.troubles.values()) == ["sync.folder_unwritable"]
        assert it.put_away() == []
        it.bench.folders.read_only.clear()
        await it.look()
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
        assert it.posts() == 1


@on_loop
async def test_while_the_disk_is_full_files_stay_in_the_folder(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.bench.disk.full = True
        it.put("nota.xml", nfe(1))
        await it.through()
        assert it.bench.folders.paths(it.folder) == ["nota.xml"]
        assert it.posts() == 0
        assert list(it.sync.inbox.troubles.values()) == ["store.full"]  # what `sync status` says
        it.bench.disk.full = False
        await it.through()
        assert await it.states() == [STORED]
        assert it.sync.inbox.troubles == {}


@on_loop
async def test_a_clock_that_is_set_back_stops_nothing(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        it.bench.clock.step_wall(-86_400 * 40)
        await it.through()
        await it.through()
        assert await it.states() == [STORED]


@on_loop
async def test_every_xml_of_a_zip_is_a_document_and_the_zip_is_put_away_whole(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("mes.zip", zipped("a.xml", "sub/b.xml", "leia-me.txt"))
        await it.through()
        assert await it.states() == [STORED, STORED]
        assert it.put_away() == ["enviados/2026-11/mes.zip"]


@on_loop
async def test_a_zip_with_one_bad_document_goes_to_rejeitados_and_the_others_are_sent(
    tmp_path: Path,
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("boa.xml", nfe(1))
        archive.writestr("teste.xml", defects(2)["a test note"][0])
    async with deliverer(tmp_path) as it:
        it.put("mes.zip", out.getvalue())
        await it.through()
        assert await it.states() == [STORED, ("refused", "sync.test_environment")]
        assert it.put_away() == ["rejeitados/mes.zip", "rejeitados/mes.zip.txt"]


@on_loop
async def test_a_zip_inside_a_zip_is_not_lost_in_silence(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("boa.xml", nfe(1))
        archive.writestr("dentro/Mais.ZIP", zipped("outra.xml", start=2))
    async with deliverer(tmp_path) as it:
        it.put("mes.zip", out.getvalue())
        await it.through()
        assert await it.states() == [STORED, ("refused", "sync.archive_nested")]
        assert it.put_away() == ["rejeitados/mes.zip", "rejeitados/mes.zip.txt"]
        note = it.bench.folders.files[it.folder, "rejeitados/mes.zip.txt"][0].decode()
        assert "mes.zip/dentro/Mais.ZIP" in note


@on_loop
async def test_every_defect_ends_in_rejeitados_with_a_sentence_and_nothing_is_sent(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        found = defects(5)
        for number, (data, _code) in enumerate(found.values()):
            it.put(f"{number:02}.xml", data)
        await it.through()
        await it.through()
        reasons = {document.name: document.reason for document in await it.all()}
        assert [reasons[f"{n:02}.xml"] for n in range(len(found))] == [
            c for _d, c in found.values()
        ]
        assert it.posts() == 0
        notes = [path for path in it.put_away() if path.endswith(".txt")]
        assert len(notes) == len(found)
        assert len(it.put_away()) == 2 * len(found)


@on_loop
async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("grande.xml", b"<" * (5 * 1024**2 + 1))
        await it.look()
        (document,) = await it.all()
        assert (document.reason, document.sha256) == ("sync.too_large", None)
        assert it.put_away() == ["rejeitados/grande.xml", "rejeitados/grande.xml.txt"]


@on_loop
async def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        for number in (1, 2):
            it.put("nota.xml", nfe(number), age_s=100 - number)
            await it.through()
        assert it.put_away() == ["enviados/2026-11/nota-2.xml", "enviados/2026-11/nota.xml"]


@on_loop
async def test_what_was_put_away_is_not_looked_at(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("enviados/velha.xml", nfe(1))
        it.put("rejeitados/velha.xml", nfe(2))
        await it.through()
        assert await it.states() == []


@on_loop
async def test_bytes_of_delivered_documents_are_dropped_in_time_and_the_record_stays(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await _bytes_kept(it) == 1
        it.bench.pass_time(31 * 86_400)
        await it.bench.timer.fire("sync-drop")
        assert await _bytes_kept(it) == 0
        assert await it.states() == [STORED]


async def _bytes_kept(it: Deliverer) -> int:
    store = it.bench.desk.store
    count: int = await store._read(  # type: ignore[attr-defined]
        lambda db: db.execute("SELECT count(*) FROM sync_bytes").fetchone()[0]
    )
    return count
