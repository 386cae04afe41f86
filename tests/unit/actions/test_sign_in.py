"""Asking ONVIO whose an e-mail and password are: nothing is saved, nothing is left signed in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from onvio_agent.actions.probe import probe
from onvio_agent.actions.sign_in import Password, ask_onvio
from onvio_agent.api.user_detail import detail_of
from onvio_agent.errors import Failed, Refused, WrongUsage
from onvio_agent.office.model import OnvioRole
from onvio_agent.onvio.transport import Request
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import bench
from support.sim import ANA, GERENTE, password_of


@on_loop
async def test_it_tells_the_person_the_role_and_the_office(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        tokens, account = await ask_onvio(
            at.desk, Password(f"  {GERENTE} ", password_of(GERENTE)), offline=True
        )
        assert tokens.refresh_token is not None
        assert (account.email, account.role) == (GERENTE, OnvioRole.ADMINISTRATOR)
        assert account.office_cnpj == "11222333000181"


@on_loop
async def test_a_confirmation_gets_no_lasting_token(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        tokens, _account = await ask_onvio(at.desk, Password(ANA, password_of(ANA)), offline=False)
        assert tokens.refresh_token is None


@pytest.mark.parametrize(
    ("email", "password"),
    [("ana", "x"), ("", "x"), ("a@b\nc", "x"), ("a\x00@b", "x"), (ANA, "")],
)
@on_loop
async def test_what_cannot_be_right_is_not_sent(tmp_path: Path, email: str, password: str) -> None:
    async with bench(tmp_path) as at:
        sent = len(at.wire.sent)
        with pytest.raises(WrongUsage):
            await ask_onvio(at.desk, Password(email, password), offline=True)
        assert len(at.wire.sent) == sent


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"password": "outra-senha"}, "auth.wrong_password"),
        ({"state": "disabled"}, "link.account_disabled"),
        ({"second_factor": "otp"}, "link.second_factor"),
    ],
)
@on_loop
async def test_a_definitive_answer_is_a_refusal(
    tmp_path: Path, patch: dict[str, str], code: str
) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.patch_account(ANA, AccountPatch(**patch))
        with pytest.raises(Refused) as no:
            await ask_onvio(at.desk, Password(ANA, password_of(ANA)), offline=True)
        assert no.value.code == code
        assert password_of(ANA) not in str(no.value)


@on_loop
async def test_what_fails_halfway_is_signed_out_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("http_503", target="api"))
        with pytest.raises(Failed, match=r"^onvio\.unavailable"):
            await ask_onvio(at.desk, Password(ANA, password_of(ANA)), offline=True)
        assert len(await at.desk.store.revocations(9)) == 1


@on_loop
async def test_a_crash_halfway_leaves_nobody_signed_in(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:

        async def crash(request: Request) -> None:
            if request.path == "/userinfo":
                raise RuntimeError("a bug")

        at.wire.before = crash
        with pytest.raises(RuntimeError, match="a bug"):
            await ask_onvio(at.desk, Password(ANA, password_of(ANA)), offline=True)
        assert len(await at.desk.store.revocations(9)) == 1


@on_loop
async def test_a_wait_that_onvio_has_named_is_told_with_its_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        await at.link("ana")
        for target in ("auth", "api"):
            at.cloud.cloud.set_fault(Fault("limited", target=target, value=300))
            for _ in range(2):
                await probe(at.desk)
            for ask in (at.link("bruno"), at.portal("ana")):
                with pytest.raises(Refused, match=r"^onvio\.on_hold") as caught:
                    await ask
                ends = (at.clock.wall() + timedelta(seconds=300)).astimezone()
                assert caught.value.fields == {"time": ends.strftime("%H:%M:%S")}
        assert at.desk.hub.connection.reason == "onvio.limited"
        detail = await detail_of(at.desk, at.user("ana"))
        assert detail.portal_option.reason == "onvio.limited"
        at.cloud.cloud.clear_faults()
        at.pass_time(301)
        await probe(at.desk)
        assert (await at.link("bruno")).uses_onvio
