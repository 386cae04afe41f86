"""A company's key is looked up before it is swapped, swapped once, and kept sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from onvio_agent.errors import AgentError
from onvio_agent.onvio.errors import NotSent
from onvio_agent.onvio.transport import Request
from support.aio import on_loop
from support.deliverers import Deliverer, deliverer
from support.deliveries import ENABLE, INFO, OFICINA, PADARIA, nfe


def swaps(it: Deliverer) -> int:
    return it.bench.wire.sent.count(ENABLE)


async def refusal(it: Deliverer, *given: str, folder: str | None = None) -> str:
    with pytest.raises(AgentError) as refused:
        await it.add_client(*given, folder=folder)
    return refused.value.code


@on_loop
async def test_a_key_is_swapped_once_and_kept_sealed_over_restarts(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as first:
        (client,) = first.sync.clients.everyone()
        key = await first.sync.clients.key_of(client)
        assert key.encode() not in client.sealed
    async with deliverer(tmp_path, after=first) as second:
        second.put("nota.xml", nfe(1))
        await second.through()
        assert await second.states() == [("stored", None)]
        (again,) = second.sync.clients.everyone()
        assert await second.sync.clients.key_of(again) == key
        assert swaps(second) == 0


@pytest.mark.parametrize(
    ("name", "cnpj", "key", "code"),
    [
        (" ", PADARIA, "chave-1", "sync.client_unnamed"),
        ("Padaria", "12ABC34501DE36", "chave-1", "sync.cnpj"),
        ("Padaria", PADARIA, "ção", "sync.key_refused"),
        ("Padaria", PADARIA, "another-key", "sync.key_refused"),
        ("Padaria", PADARIA, "chave-2", "sync.key_of_other"),
    ],
)
@on_loop
async def test_what_is_wrong_is_said_and_no_key_is_swapped(
    tmp_path: Path, name: str, cnpj: str, key: str, code: str
) -> None:
    async with deliverer(tmp_path, connected=False) as it:
        assert await refusal(it, name, cnpj, key) == code
        assert (swaps(it), it.sync.clients.everyone()) == (0, [])


@on_loop
async def test_name_cnpj_and_folder_are_one_companys(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        inside, other = tmp_path / "padaria" / "xml", tmp_path / "oficina"
        inside.mkdir()
        other.mkdir()
        same_name = await refusal(it, "PADARIA", OFICINA, "chave-2", folder=str(other))
        same_cnpj = await refusal(it, "Outra", PADARIA, "chave-1", folder=str(other))
        within = await refusal(it, "Oficina", OFICINA, "chave-2", folder=str(inside))
        around = await refusal(it, "Oficina", OFICINA, "chave-2", folder=str(tmp_path))
        (tmp_path / "link").symlink_to(tmp_path / "padaria")
        linked = await refusal(it, "Oficina", OFICINA, "chave-2", folder=str(tmp_path / "link"))
        nowhere = await refusal(it, "Oficina", OFICINA, "chave-2", folder=str(tmp_path / "none"))
        assert (same_name, same_cnpj) == ("sync.client_exists", "sync.client_exists")
        assert {within, around, linked} == {"sync.folder_taken"}
        assert nowhere == "sync.folder"
        assert swaps(it) == 1


@on_loop
async def test_without_a_network_nothing_is_kept_and_the_cause_is_told(tmp_path: Path) -> None:
    async def fail(request: Request) -> None:
        if request.path == INFO:
            raise NotSent("network.dns", target="api")

    async with deliverer(tmp_path, connected=False) as it:
        it.bench.wire.before = fail
        assert await refusal(it) == "network.dns"
        assert it.sync.clients.everyone() == []


@on_loop
async def test_a_company_whose_key_was_refused_is_connected_anew(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as it:
        (client,) = it.sync.clients.everyone()
        await it.sync.clients.set_trouble(client, "sync.key_refused")
        await it.add_client()
        (again,) = it.sync.clients.everyone()
        assert (again.id, again.trouble) == (client.id, None)
        it.put("nota.xml", nfe(1))
        await it.through()
        assert await it.states() == [("stored", None)]


@on_loop
async def test_a_company_that_is_removed_is_gone_with_its_records_and_not_its_files(
    tmp_path: Path,
) -> None:
    async with deliverer(tmp_path) as it:
        it.put("nota.xml", nfe(1))
        await it.through()
        await it.sync.clients.remove("padaria")
        assert it.sync.clients.everyone() == []
        assert it.put_away() == ["enviados/2026-11/nota.xml"]
