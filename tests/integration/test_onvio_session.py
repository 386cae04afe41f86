"""Sign in, refresh, revoke and ask who one is, against the simulator over real HTTPS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.clock import SystemClock
from onvio_agent.office.model import OnvioRole
from onvio_agent.onvio.errors import CloudError, Denied, TokenRefused
from onvio_agent.onvio.httpx_transport import HttpxTransport
from onvio_agent.onvio.oauth import OAuth, issuer_of
from onvio_agent.onvio.token_set import TokenSet
from onvio_agent.onvio.user_api import UserApi
from support.sim import ANA, BRUNO, CLIENT_ID, GERENTE, Simulator, office_seed, password_of


class Cloud:
    """The client, with short names for what tests do most."""

    def __init__(self, simulator: Simulator, client_id: str = CLIENT_ID) -> None:
        clock = SystemClock()
        self.transport = HttpxTransport(
            api_url=simulator.api_url,
            auth_url=simulator.auth_url,
            version="0",
            ca_file=simulator.ca_file,
        )
        self.oauth = OAuth(
            self.transport,
            client_id=client_id,
            issuer=issuer_of(simulator.auth_url),
            clock=clock,
            deadline_s=10,
        )
        self.user_api = UserApi(self.transport, clock=clock, deadline_s=10, probe_deadline_s=4)

    async def sign_in(self, email: str, *, offline: bool = True) -> TokenSet:
        return await self.oauth.password_grant(email, password_of(email), offline=offline)


@contextlib.asynccontextmanager
async def cloud_of(simulator: Simulator, client_id: str = CLIENT_ID) -> AsyncIterator[Cloud]:
    cloud = Cloud(simulator, client_id)
    try:
        yield cloud
    finally:
        await cloud.transport.aclose()


def on(simulator: Simulator, work: Callable[[Cloud], Awaitable[Any]], **options: str) -> Any:
    """What `work` gives, with a client of `simulator`."""

    async def run() -> Any:
        async with cloud_of(simulator, **options) as cloud:
            return await work(cloud)

    return asyncio.run(run())


async def denied(work: Awaitable[object]) -> str:
    """The reason of the definitive no that `work` ends in."""
    with pytest.raises(CloudError) as caught:
        await work
    assert isinstance(caught.value, Denied)
    return caught.value.reason


def test_a_sign_in_names_the_person_and_the_office(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> None:
        tokens = await cloud.sign_in(GERENTE)
        assert tokens.expires_in_s == 86_400
        identity = await cloud.oauth.userinfo(tokens.access_token)
        assert (identity.email, identity.name) == (GERENTE, "Helena Prado")
        assert identity.issuer == f"{simulator.auth_url}/"
        facts = await cloud.user_api.client_info(tokens.access_token)
        assert facts.role is OnvioRole.ADMINISTRATOR
        assert facts.office_cnpj == "11222333000181"
        assert facts.office_name == "Escritório Modelo Contabilidade"
        status = await cloud.user_api.integration_status(tokens.access_token)
        assert status["status"] == "ACTIVE"
        staff = await cloud.user_api.client_info((await cloud.sign_in(ANA)).access_token)
        assert staff.role is OnvioRole.STAFF

    on(simulator, work)


def test_a_sign_in_to_look_only_gives_no_refresh_token(simulator: Simulator) -> None:
    tokens = on(simulator, lambda cloud: cloud.sign_in(ANA, offline=False))
    assert tokens.refresh_token is None


def test_a_role_that_onvio_does_not_tell_is_unknown(simulator: Simulator) -> None:
    simulator.patch(GERENTE, role=None)

    async def work(cloud: Cloud) -> OnvioRole:
        tokens = await cloud.sign_in(GERENTE)
        return (await cloud.user_api.client_info(tokens.access_token)).role

    assert on(simulator, work) is OnvioRole.UNKNOWN


def test_a_refresh_token_is_spent_by_its_use(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> None:
        first = await cloud.sign_in(ANA)
        second = await cloud.oauth.refresh(str(first.refresh_token))
        assert second.refresh_token not in (None, first.refresh_token)
        await cloud.oauth.userinfo(second.access_token)
        assert await denied(cloud.oauth.refresh(str(first.refresh_token))) == "link.session_ended"
        assert await denied(cloud.oauth.refresh(str(second.refresh_token))) == "link.session_ended"

    on(simulator, work)


def test_a_revoked_session_is_over_and_nobody_elses_is(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> None:
        ana, bruno = await cloud.sign_in(ANA), await cloud.sign_in(BRUNO)
        await cloud.oauth.revoke(str(ana.refresh_token))
        await cloud.oauth.revoke(str(ana.refresh_token))  # asked again after a lost answer
        with pytest.raises(TokenRefused):
            await cloud.oauth.userinfo(ana.access_token)
        with pytest.raises(TokenRefused):
            await cloud.user_api.client_info(ana.access_token)
        assert await denied(cloud.oauth.refresh(str(ana.refresh_token))) == "link.session_ended"
        await cloud.oauth.userinfo(bruno.access_token)

    on(simulator, work)


def test_an_expired_access_token_asks_for_a_refresh(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> None:
        tokens = await cloud.sign_in(ANA)
        await asyncio.to_thread(simulator.advance, 86_401)
        with pytest.raises(TokenRefused):
            await cloud.oauth.userinfo(tokens.access_token)
        with pytest.raises(TokenRefused):
            await cloud.user_api.client_info("not.a-token")
        renewed = await cloud.oauth.refresh(str(tokens.refresh_token))
        await cloud.oauth.userinfo(renewed.access_token)

    on(simulator, work)


def test_a_wrong_password_and_an_unknown_account_are_refused_alike(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> list[str]:
        return [
            await denied(cloud.oauth.password_grant(email, "senha-do-dominio", offline=True))
            for email in (ANA, "ninguem@escritorio.example")
        ]

    assert on(simulator, work) == ["auth.wrong_password"] * 2


def test_too_many_wrong_passwords_block_the_sign_in(simulator: Simulator) -> None:
    simulator.limits(wrong_passwords=2)

    async def work(cloud: Cloud) -> list[str]:
        return [
            await denied(cloud.oauth.password_grant(ANA, "errada", offline=True)) for _ in range(3)
        ]

    assert on(simulator, work)[-1] == "auth.blocked"


def test_a_disabled_account_is_told_apart_from_a_wrong_password(simulator: Simulator) -> None:
    async def work(cloud: Cloud) -> None:
        tokens = await cloud.sign_in(ANA)
        await asyncio.to_thread(simulator.patch, ANA, state="disabled")
        assert await denied(cloud.sign_in(ANA)) == "link.account_disabled"
        reason = await denied(cloud.oauth.refresh(str(tokens.refresh_token)))
        assert reason == "link.account_disabled"

    on(simulator, work)


def test_a_second_factor_is_asked_for_with_its_token(simulator: Simulator) -> None:
    simulator.patch(ANA, second_factor="otp")

    async def work(cloud: Cloud) -> Denied:
        with pytest.raises(Denied) as caught:
            await cloud.sign_in(ANA)
        return caught.value

    error = on(simulator, work)
    assert error.reason == "link.second_factor"
    assert error.mfa_token
    assert error.mfa_token not in f"{error} {error!r} {error.detail}"


def test_an_unknown_client_is_refused(simulator: Simulator) -> None:
    reason = on(simulator, lambda cloud: denied(cloud.sign_in(ANA)), client_id="outro")
    assert reason == "auth.client_refused"


def test_a_server_that_takes_no_passwords_says_so(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "simulator", office_seed(password_grant=False))
    try:
        assert on(simulator, lambda cloud: denied(cloud.sign_in(ANA))) == "auth.grant_refused"
    finally:
        simulator.stop()


def test_a_password_of_any_characters_arrives_as_it_was_typed(simulator: Simulator) -> None:
    password = "ção +&=%;/\\\"' \u2603 fim"
    simulator.patch(ANA, password=password)

    async def work(cloud: Cloud) -> TokenSet:
        return await cloud.oauth.password_grant(ANA, password, offline=True)

    assert on(simulator, work).refresh_token
