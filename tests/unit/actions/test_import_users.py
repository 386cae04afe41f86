"""Importing a list: by the Gerente alone, in one step, with nobody's access changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onvio_agent.actions import people
from onvio_agent.actions.import_users import import_users
from onvio_agent.contract.status import Situation
from onvio_agent.contract.user_import import Outcome
from onvio_agent.errors import Refused, StoreFailed
from support.aio import on_loop
from support.desks import ANYBODY, GER, Bench, bench
from support.sim import ANA

HEAD = "login;nome;perfil;situação;e-mail"
GREEN = ("green", None)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


def file(*lines: str) -> bytes:
    return "\r\n".join((HEAD, *lines)).encode()


def logins(at: Bench) -> list[str]:
    return [user.login for user in at.desk.hub.office.users]


@on_loop
async def test_only_the_gerente_imports_and_whatever_is_in_the_file(tmp_path: Path) -> None:
    async with bench(tmp_path, own="ana") as at:
        for data in (file("zoe;Zoe;;;"), b"\0"):
            for dry_run in (True, False):
                with refused("manager.required"):
                    await import_users(at.desk, ANYBODY, data, dry_run=dry_run)
        assert logins(at) == ["gerente", "ana", "bruno"]


@on_loop
async def test_a_list_adds_who_is_new_renames_who_is_there_and_is_told_in_the_log(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        revision = at.desk.hub.snapshot().agent.revision
        done = await import_users(
            at.desk,
            GER,
            file(
                "gerente;Gerente;Gerente;Ativo;",
                f"ANA;Ana Moreira;Usuário;Inativo;{ANA}",
                "zoe;Zoe;;Inativo;zoe@x.example",
            ),
        )
        assert (done.saved, done.faults) == (True, [])
        outcomes = [step.outcome for step in done.plan.steps]
        assert outcomes == [Outcome.UNCHANGED, Outcome.RENAMED, Outcome.ADDED]
        assert logins(at) == ["gerente", "ana", "bruno", "zoe"]
        assert at.user("ana").name == "Ana Moreira"
        assert at.user("zoe").situation is Situation.INACTIVE
        assert at.icon("ana") == GREEN  # the list's Inativo ends no link
        assert [note.code for note in done.plan.notes] == ["import.still_active"]
        assert at.desk.hub.snapshot().agent.revision > revision
        assert [entry["user"] for entry in at.events("user.renamed")] == ["ana"]
        assert at.events("user.added")[-1]["user"] == "zoe"
        (told,) = at.events("users.imported")
        counts = {"added": 1, "renamed": 1, "emails_noted": 0, "unchanged": 1, "bad": 0}
        assert told | counts == told


@on_loop
async def test_the_same_list_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        data = file("zoe;Zoe Dias;Usuário;Ativo;", "ana;Ana Maria;;;", "rui;Rui;;Inativo;")
        await import_users(at.desk, GER, data)
        office = at.desk.hub.office
        again = await import_users(at.desk, GER, data)
        assert again.saved
        assert [step.outcome for step in again.plan.steps] == [Outcome.UNCHANGED] * 3
        assert at.desk.hub.office == office


@on_loop
async def test_nothing_is_imported_while_a_line_is_bad_in_itself_or_against_the_office(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        for bad in ("rui;;;;", "rui;Rui;Gerente;;"):
            done = await import_users(at.desk, GER, file("zoe;Zoe;;;", bad))
            assert (done.saved, [fault.line for fault in done.faults]) == (False, [3])
            assert logins(at) == ["gerente", "ana", "bruno"]
        assert at.events("users.imported") == []
        data = file("=x;Zoe;;;", "zoe;Zoe;;;", "rui;Rui;Gerente;;", "ivo;Ivo;;;")
        done = await import_users(at.desk, GER, data, skip_bad=True)
        assert done.saved
        assert [fault.line for fault in done.faults] == [2, 4]
        assert logins(at) == ["gerente", "ana", "bruno", "zoe", "ivo"]
        assert at.events("users.imported")[0]["bad"] == 2


@on_loop
async def test_a_dry_run_tells_the_same_and_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        data = file("zoe;Zoe;;;", "ana;Outra;;;", "rui;Rui;Gerente;;")
        dry = await import_users(at.desk, GER, data, dry_run=True, skip_bad=True)
        assert not dry.saved
        assert logins(at) == ["gerente", "ana", "bruno"]
        assert at.user("ana").name == "Ana"
        wet = await import_users(at.desk, GER, data, skip_bad=True)
        assert (wet.plan, wet.faults) == (dry.plan, dry.faults)


@on_loop
async def test_a_list_and_somebody_who_adds_the_same_login_do_not_both(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        done, _user = await asyncio.gather(
            import_users(at.desk, GER, file("zoe;Zoe Dias;;;", "rui;Rui;;;")),
            people.add_user(at.desk, GER, "ZOE", "Zoe"),
        )
        assert done.saved
        assert [step.outcome for step in done.plan.steps] == [Outcome.RENAMED, Outcome.ADDED]
        assert logins(at) == ["gerente", "ana", "bruno", "ZOE", "rui"]


@on_loop
async def test_a_full_disk_imports_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.disk.full = True
        with pytest.raises(StoreFailed):
            await import_users(at.desk, GER, file("zoe;Zoe;;;"))
        assert logins(at) == ["gerente", "ana", "bruno"]
        assert at.events("users.imported") == []
