"""What befalls folders, documents and the program's token, each told by a real agent by its name."""

from __future__ import annotations

import fcntl
import io
import itertools
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.aio import on_loop
from support.apis import served
from support.courier import Courier, delivering_office
from support.deliverers import deliverer
from support.deliveries import OFICINA, nfe
from support.disks import fill_up, small_disk

pytestmark = pytest.mark.timeout(400)  # a life of an agent each

_LIMIT_S = 60.0
_TOO_DEEP = "/".join("abcdefghi")


@pytest.fixture
def courier(tmp_path: Path) -> Iterator[Courier]:
    with delivering_office(tmp_path) as made:
        made.ready()
        yield made


def wait_status(courier: Courier, holds: Callable[[Any], bool]) -> Any:
    """The first `sync status` for which `holds` is true."""
    deadline = time.monotonic() + _LIMIT_S
    while True:
        status = courier.must("sync", "status", "--json").json()
        if holds(status):
            return status
        assert time.monotonic() < deadline, status
        time.sleep(0.1)


def trouble(status: Any) -> str | None:
    """What the first company is shown with."""
    found: str | None = status["clients"][0]["reason"]
    return found


def test_what_befalls_a_folder_is_told_by_its_name(courier: Courier) -> None:
    courier.put(".oculta.xml", nfe(1))
    courier.put(f"{_TOO_DEEP}/funda.xml", nfe(2))
    (courier.folder / "atalho.xml").symlink_to(courier.put("nota.xml", nfe(3)))
    odd = courier.put("futura.xml", nfe(6))
    os.utime(odd, ns=(14 * 10**18, 14 * 10**18))  # of the year 2413
    with courier.put("presa.xml", nfe(4)).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        wanted = ["sync.left_deep", "sync.left_hidden", "sync.left_link", "sync.left_unreadable"]
        wait_status(
            courier,
            lambda status: (
                sorted(each["reason"] for each in status["clients"][0]["left"]) == wanted
            ),
        )
    courier.wait_states(stored=3)

    away = courier.folder.with_name("desligada")
    courier.folder.rename(away)
    wait_status(courier, lambda status: trouble(status) == "sync.folder_unreadable")
    away.rename(courier.folder)
    wait_status(courier, lambda status: trouble(status) is None)

    (courier.folder / "enviados").rename(away)
    (courier.folder / "enviados").write_text("no folder")
    courier.put("outra.xml", nfe(5))
    wait_status(courier, lambda status: trouble(status) == "sync.folder_unwritable")
    courier.wait_states(stored=4)


def test_a_full_disk_of_a_company_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, delivering_office(tmp_path) as courier:
        courier.folder = disk / "padaria"
        courier.put("nada.xml", b"<nada/>")
        filler = fill_up(disk)
        courier.ready()
        wait_status(courier, lambda status: trouble(status) == "sync.folder_full")
        filler.unlink()
        wait_status(courier, lambda status: trouble(status) is None)


@on_loop
async def test_a_bug_in_one_companys_folder_is_told_as_what_it_is(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it, served(it.bench.desk) as api:
        it.put("nota.xml", nfe(1))
        it.bench.folders.before_read = lambda path: [][len(path)]
        await it.through()
        (client,) = (await api.ask("GET", "/v1/sync")).json["clients"]
        assert client["reason"] == "sync.look_failed"


def alike() -> tuple[bytes, bytes]:
    """Two contents whose hashes begin with the same eight characters."""
    seen: dict[str, bytes] = {}
    for number in itertools.count():
        data = b"%d" % number
        other = seen.setdefault(sha256(data).hexdigest()[:8], data)
        if other is not data:
            return other, data
    raise AssertionError


def test_what_befalls_a_document_is_told_by_its_name(courier: Courier) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("dentro.zip", b"PK")
        archive.writestr("nota.xml", nfe(1))
    courier.put("notas.zip", packed.getvalue())
    rows = courier.wait_states(stored=1, refused=1)
    assert "sync.archive_nested" in [row["reason"] for row in rows]

    courier.put("corrigida.xml", nfe(1, note="com outro texto"))
    rows = courier.wait_states(stored=1, refused=2)
    assert "sync.other_content" in [row["reason"] for row in rows]

    courier.simulator.control("POST", "integration", {"processing_s": 3600})
    courier.put("lenta.xml", nfe(2))
    (slow,) = [row for row in courier.wait_states(stored=1, refused=2, accepted=1) if row["batch_id"]
               and row["state"] == "accepted"]  # fmt: skip
    courier.simulator.control("POST", "integration/forget")
    courier.wait_for(
        lambda rows: slow["batch_id"] not in [row["batch_id"] for row in rows], "sent again"
    )
    assert "sync.batch_unknown" in courier.must("logs", "--json").out
    courier.wait_states(stored=1, refused=2, accepted=1)
    courier.must("sync", "cancel", "--sent", slow["sha256"])
    rows = courier.wait_states(stored=1, refused=3)
    assert "sync.given_up" in [row["reason"] for row in rows]

    for number, data in enumerate(alike()):
        courier.put(f"igual-{number}.xml", data)
    rows = courier.wait_states(stored=1, refused=5)
    start = sha256(alike()[0]).hexdigest()[:8]
    assert courier.cli("sync", "retry", start).err.startswith("sync.document_ambiguous: ")

    for number in (3, 4):  # a token that has just replaced another is refused as well
        courier.simulator.control("POST", "integration/revoke")
        courier.put(f"{number}.xml", nfe(number))
        if number == 3:
            courier.wait_states(stored=1, refused=5, accepted=1)
    status = wait_status(courier, lambda status: status["held"] is not None)
    assert status["held"]["reason"] == "sync.token_refused"


def test_what_is_wrong_with_a_key_or_a_token_is_told_by_its_name(courier: Courier) -> None:
    elsewhere = courier.home_dir.with_name("muda")
    elsewhere.mkdir()
    done = courier.cli(
        "sync", "client", "add", "Muda", "--cnpj", OFICINA, "--key-stdin",
        "--folder", str(elsewhere), *courier.acting, input="chave-muda\n",
    )  # fmt: skip
    assert done.err.startswith("sync.key_unproven: ")

    courier.simulator.limits(expires_in_s=1)  # from now on each request needs a token of its own
    courier.simulator.control("POST", "integration/revoke")
    numbers = itertools.count()

    def is_spent(status: Any) -> bool:
        courier.put(f"{next(numbers)}.xml", nfe(next(numbers)))
        return status["held"] is not None

    assert wait_status(courier, is_spent)["held"]["reason"] == "auth.budget_spent"
