"""What is taken out of a .zip, and what is refused with the name of the part that is at fault."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from onvio_agent.sync.archive import ArchiveRefused, Member, members
from support.aio import on_loop
from support.deliverers import deliverer
from support.deliveries import nfe
from support.zips import damaged, with_password, zipped

STORED = ("stored", None)


def test_what_a_mac_adds_and_what_is_hidden_is_passed_over() -> None:
    data = zipped("nota.xml", "__MACOSX/._nota.xml", "._outra.xml", ".git/x.xml", ".DS_Store")
    assert list(members(data)) == [Member("nota.xml", nfe(1))]
    with pytest.raises(ArchiveRefused) as refused:
        list(members(zipped("__MACOSX/._nota.xml")))
    assert refused.value.code == "sync.archive_empty"


def test_names_that_lead_somewhere_hide_nothing() -> None:
    names = ("./a.xml", "x/./b.xml", "../c.xml", "..\\d.xml", "/e.xml")
    data = zipped(*names, "./.f.xml", ".\\.git\\g.xml")
    assert len(list(members(data))) == len(names)


@on_loop
async def test_a_damaged_part_is_named_and_the_others_are_sent(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        data = damaged(zipped("boa.xml", "ruim.xml", "outra.xml"), "ruim.xml")
        it.put("mes.zip", data)
        await it.look()
        assert await it.states() == []  # it might still be being written
        it.bench.pass_time(16)
        await it.through()
        assert await it.states() == [STORED, ("refused", "sync.archive_damaged"), STORED]
        note = it.bench.folders.files[it.folder, "rejeitados/mes.zip.txt"][0].decode()
        assert "mes.zip/ruim.xml" in note


@on_loop
async def test_a_part_with_a_password_is_named(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        it.put("mes.zip", with_password(zipped("nota.xml")))
        await it.through()
        assert await it.states() == [("refused", "sync.archive_password")]
        note = it.bench.folders.files[it.folder, "rejeitados/mes.zip.txt"][0].decode()
        assert "nota.xml" in note


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04broken", "sync.archive"),
        (zipped(), "sync.archive_empty"),
        (zipped("x.txt"), "sync.archive_empty"),
        (zipped("a" * 300 + ".xml"), "sync.archive_bounds"),
        (zipped("/".join("abcdefghijk") + ".xml"), "sync.archive_bounds"),
        (zipped(*(f"{n}.txt" for n in range(2001)), "a.xml"), "sync.archive_bounds"),
    ],
)
def test_a_zip_beyond_its_bounds_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ArchiveRefused) as refused:
        list(members(data))
    assert refused.value.code == code


def test_a_zip_that_grows_out_of_proportion_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomba.xml", b"<a>" + b" " * 5_000_000 + b"</a>")
    with pytest.raises(ArchiveRefused) as refused:
        list(members(out.getvalue()))
    assert refused.value.code == "sync.archive_bounds"
