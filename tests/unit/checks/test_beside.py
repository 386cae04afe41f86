"""The rungs beside the way: what the agent shows, the data file, room on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from onvio_agent.checks import disk, link, store
from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.checks.words import sentences
from onvio_agent.contract.diagnosis import Rung
from onvio_agent.errors import Failed
from onvio_agent.store.sqlite import open_store
from support.aio import on_loop
from support.desks import InlineExec, bench
from support.instants import EPOCH


@on_loop
async def test_a_missing_agent_is_no_broken_rung() -> None:
    with pytest.raises(Untried):
        await link.check(None)


@on_loop
async def test_an_agent_that_does_not_answer_breaks_the_rung() -> None:
    with pytest.raises(Broken) as broken:
        await link.check(Failed("agent.not_answering", pid=4711))
    rung = Rung(name="link", ok=False, reason=broken.value.reason, detail=broken.value.detail)
    assert rung.reason == "agent.not_answering"
    title, next_step = sentences(rung)
    assert "4711" in title
    assert "stop --force" in next_step


@on_loop
async def test_what_keeps_users_from_being_connected_is_named(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        with pytest.raises(Broken) as broken:
            await link.check(at.desk.hub.snapshot())
        assert broken.value.reason == "link.none"
        rung = Rung(name="link", ok=False, reason="link.none", detail=broken.value.detail)
        assert "{" not in "".join(sentences(rung))
        await at.connect("gerente", "ana", "bruno")
        assert "3" in await link.check(at.desk.hub.snapshot())


@on_loop
async def test_trouble_of_the_connection_is_left_to_the_rungs_below(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.pass_time(3600)
        with pytest.raises(Untried):
            await link.check(at.desk.hub.snapshot())


@on_loop
async def test_the_data_file_is_looked_at_and_left_as_it_is(tmp_path: Path) -> None:
    path, exec_ = tmp_path / "agent.db", InlineExec()
    assert await store.look(path, exec_) is None
    assert os.listdir(tmp_path) == []
    await (await open_store(path, exec_, clock_wall=lambda: EPOCH)).close()
    before = path.read_bytes()
    looked = await store.look(path, exec_)
    assert await store.check(looked)
    assert looked is not None
    await looked.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"no database at all, but long enough", b""])
@on_loop
async def test_a_damaged_data_file_is_named_and_not_set_aside(
    damage: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "agent.db"
    path.write_bytes(damage)
    with pytest.raises(Broken) as broken:
        await store.look(path, InlineExec())
    assert broken.value.reason in ("store.corrupt", "store.unwritable")
    assert path.read_bytes() == damage


@on_loop
async def test_folders_that_are_not_there_yet_are_judged_by_where_they_will_be(
    tmp_path: Path,
) -> None:
    assert "GB" in await disk.check((tmp_path / "data" / "deep", tmp_path))


AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from onvio_agent.checks import disk, store
from onvio_agent.checks.finding import Broken
from onvio_agent.store.exec import ThreadExec

if os.geteuid() == 0:  # who may write everywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
folder = Path(sys.argv[1])
for look in (lambda: disk.check((folder,)), lambda: store.look(folder / "agent.db", ThreadExec())):
    try:
        asyncio.run(look())
    except Broken as broken:
        print(broken.reason)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such bit of a folder")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o000)
    script = [sys.executable, "-c", AS_NOBODY, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["store.unwritable"] * 2, "")


@on_loop
async def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 60)
    with pytest.raises(Broken) as broken:
        await disk.check((tmp_path,))
    assert broken.value.reason == "store.full"
