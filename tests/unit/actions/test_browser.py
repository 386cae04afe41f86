"""A sign-in in the browser: whose answer it is, once, in time, and nothing that a stranger can do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from onvio_agent.actions import browser, dialogue, people
from onvio_agent.actions.browser import OPEN_S
from onvio_agent.actions.dialogue import Dialogue, Done, Wish
from onvio_agent.actions.landing import Landed
from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.onvio.oauth import REVOKE_PATH, TOKEN_PATH, USERINFO_PATH
from onvio_agent.simulator.accounts import AccountPatch
from onvio_agent.simulator.faults import Fault
from support.aio import on_loop
from support.desks import ANYBODY, GER, Bench, Hold, bench
from support.landings import brought_back, browse, fill_in, sign_in_page
from support.sim import ANA, BRUNO, GERENTE, password_of


async def begin(at: Bench, login: str, what: Any = "link", **more: Any) -> Dialogue:
    at.cloud.cloud.world.auth_url = "https://auth.thomsonreuters.com"
    return await browser.begin(at.desk, Wish(what=what, actor=GER, login=login), **more)


def url_of(opened: Dialogue) -> str:
    assert opened.browser is not None
    return opened.browser.url


def code_of(landed: Landed) -> str | None:
    return landed.error.code if landed.error is not None else None


async def sign_in(at: Bench, opened: Dialogue, email: str) -> str | None:
    """Go through the page and come back; the code of what the last page says."""
    query = browse(at.cloud.cloud, url_of(opened), email, password_of(email))
    return code_of(await at.landings.all[-1].come_back(query))


def outcome(at: Bench, opened: Dialogue) -> str:
    """What whoever began it is told."""
    try:
        found = dialogue.look(at.desk, opened.id)
    except AgentError as error:
        return error.code
    return "done" if isinstance(found, Done) else "open"


@on_loop
async def test_a_link_and_a_portal_are_made_without_a_password_here(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for what in ("link", "portal"):
            opened = await begin(at, "gerente", what)
            assert outcome(at, opened) == "open"
            assert await sign_in(at, opened, GERENTE) is None
            assert outcome(at, opened) == "done"
            assert not at.landings.all[-1].is_open
        assert at.icon("gerente") == ("green", None)
        account = at.user("gerente").link.account
        assert account is not None
        assert account.email == GERENTE


@on_loop
async def test_only_the_link_asks_for_a_lasting_session_and_both_ask_for_the_person(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.link("gerente")
        asked = [
            parse_qs(urlsplit(url_of(await begin(at, "gerente", what))).query)
            for what in ("link", "portal")
        ]
        assert [("offline_access" in each["scope"][0]) for each in asked] == [True, False]
        assert all("login" in each["prompt"][0] for each in asked)
        assert all(each["code_challenge_method"] == ["S256"] for each in asked)
        assert asked[1]["login_hint"] == [GERENTE]
        values = [each[key][0] for each in asked for key in ("state", "nonce", "code_challenge")]
        assert len(set(values)) == len(values)


@on_loop
async def test_the_rules_refuse_before_anybody_goes_to_a_browser(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for actor, login, what, code in (
            (GER, "ana", "link", "manager.first"),
            (ANYBODY, "gerente", "link", "manager.required"),
            (GER, "gerente", "portal", "link.not_linked"),
            (GER, "nobody", "link", "user.unknown"),
        ):
            wish = Wish(what=what, actor=actor, login=login)  # type: ignore[arg-type]  # from a table
            with pytest.raises(Refused) as caught:
                await browser.begin(at.desk, wish)
            assert caught.value.code == code
        assert at.landings.all == []


@on_loop
async def test_another_person_than_was_named_is_not_linked_but_an_email_may_have_changed(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        opened = await begin(at, "ana", email=ANA)
        assert await sign_in(at, opened, BRUNO) == "signin.other_account"
        assert at.user("ana").link.account is None
        opened = await begin(at, "ana", email=ANA.upper())
        assert await sign_in(at, opened, ANA) is None
        at.cloud.cloud.patch_account(ANA, AccountPatch(email="ana.nova@escritorio.example"))
        opened = await begin(at, "ana", email=ANA)  # S13: the same person, by another e-mail
        query = browse(
            at.cloud.cloud, url_of(opened), "ana.nova@escritorio.example", password_of(ANA)
        )
        assert code_of(await at.landings.all[-1].come_back(query)) is None


@on_loop
async def test_the_rules_judge_the_account_that_signed_in(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "gerente")
        assert await sign_in(at, opened, ANA) == "manager.not_admin"
        assert outcome(at, opened) == "manager.not_admin"
        assert at.user("gerente").link.account is None
        await at.link("gerente")
        opened = await begin(at, "gerente", "portal")
        assert await sign_in(at, opened, BRUNO) == "portal.other_account"
        assert not at.user("gerente").link.confirmed


@on_loop
async def test_what_does_not_carry_the_state_changes_and_ends_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "gerente")
        landing = at.landings.all[-1]
        sent = len(at.wire.sent)
        for query in (
            "",
            "code=stolen",
            "code=stolen&state=",
            "code=stolen&state=guessed",
            "error=access_denied&state=guessed",
            "&".join(["a=1"] * 100),
            "code=%ff&state=%ff",
        ):
            assert code_of(await landing.come_back(query)) == "signin.expired"
        assert len(at.wire.sent) == sent
        assert outcome(at, opened) == "open"
        assert await sign_in(at, opened, GERENTE) is None


@on_loop
async def test_a_code_of_another_browser_is_not_taken(tmp_path: Path) -> None:
    """Whoever has caught `state` and brings the code of a sign-in of their own is not believed."""
    async with bench(tmp_path) as at:
        await at.connect("gerente")
        opened = await begin(at, "ana")
        theirs = parse_qs(urlsplit(url_of(opened)).query) | {"code_challenge": ["x" * 43]}
        forged = url_of(opened).partition("?")[0] + "?" + urlencode(theirs, doseq=True)
        query = browse(at.cloud.cloud, forged, BRUNO, password_of(BRUNO))
        assert code_of(await at.landings.all[-1].come_back(query)) == "signin.expired"
        assert at.user("ana").link.account is None


@on_loop
async def test_an_id_token_of_another_sign_in_links_nobody_and_its_tokens_are_revoked(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "gerente")
        other = parse_qs(urlsplit(url_of(opened)).query) | {"nonce": ["another"]}
        forged = url_of(opened).partition("?")[0] + "?" + urlencode(other, doseq=True)
        query = browse(at.cloud.cloud, forged, GERENTE, password_of(GERENTE))
        assert code_of(await at.landings.all[-1].come_back(query)) == "onvio.unexpected_answer"
        await at.settle()
        assert at.user("gerente").link.account is None
        assert len(await at.desk.store.revocations(10)) + at.wire.sent.count(REVOKE_PATH) == 1


@on_loop
async def test_a_page_that_is_loaded_twice_exchanges_the_code_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "gerente")
        query = browse(at.cloud.cloud, url_of(opened), GERENTE, password_of(GERENTE))
        at.wire.before = hold = Hold(USERINFO_PATH)
        landing = at.landings.all[-1]
        pages = [asyncio.ensure_future(landing.come_back(query)) for _page in range(2)]
        await hold.reached.wait()
        hold.release()
        assert [code_of(await page) for page in pages] == [None, None]
        assert code_of(await landing.come_back(query)) is None
        assert at.wire.sent.count(TOKEN_PATH) == 1


@on_loop
async def test_giving_up_in_the_browser_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        opened = await begin(at, "gerente")
        page = sign_in_page(at.cloud.cloud, url_of(opened))
        query = brought_back(fill_in(at.cloud.cloud, page, answer="no"))
        assert code_of(await at.landings.all[-1].come_back(query)) == "signin.cancelled"
        assert outcome(at, opened) == "signin.cancelled"
        assert outcome(at, opened) == "signin.expired"
        assert not at.landings.all[-1].is_open


@on_loop
async def test_it_ends_by_itself_after_five_minutes_and_the_landing_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.agent.start()
        opened = await begin(at, "gerente")
        query = browse(at.cloud.cloud, url_of(opened), GERENTE, password_of(GERENTE))
        at.pass_time(OPEN_S)
        await at.timer.fire("dialogues")
        await at.settle()
        assert not at.landings.all[-1].is_open
        assert code_of(await at.landings.all[-1].come_back(query)) == "signin.expired"
        assert outcome(at, opened) == "signin.expired"
        assert at.user("gerente").link.account is None


@on_loop
async def test_cancelling_a_newer_one_and_a_hand_over_close_the_landing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await at.connect("gerente", "ana")
        dialogue.cancel(at.desk, (await begin(at, "ana")).id)
        await begin(at, "ana")
        await begin(at, "ana")
        assert [each.is_open for each in at.landings.all] == [False, False, True]
        at.cloud.cloud.patch_account(ANA, AccountPatch(role="administrator"))
        await people.promote(at.desk, GER, "ana", administrator_confirmed=True)
        assert [each.is_open for each in at.landings.all] == [False, False, False]
        await begin(at, "bruno")
        await at.agent.stop()
        assert not at.landings.all[-1].is_open


@on_loop
async def test_a_second_factor_is_given_on_the_page_and_lasts(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(second_factor="otp"))
        opened = await begin(at, "gerente")
        page = sign_in_page(at.cloud.cloud, url_of(opened))
        asked = fill_in(at.cloud.cloud, page, username=GERENTE, password=password_of(GERENTE))
        code = str(at.cloud.cloud.codes(GERENTE)["otp"])
        query = brought_back(fill_in(at.cloud.cloud, asked, code=code))
        assert code_of(await at.landings.all[-1].come_back(query)) is None
        assert at.user("gerente").link.account is not None


@on_loop
async def test_trouble_on_the_way_is_told_and_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        at.cloud.cloud.set_fault(Fault("http_503", "auth", 1))
        with pytest.raises(Failed) as caught:  # nobody is sent to a server that is not there
            await begin(at, "gerente")
        assert caught.value.code == "onvio.unavailable"
        assert at.landings.all == []
        opened = await begin(at, "gerente")
        query = browse(at.cloud.cloud, url_of(opened), GERENTE, password_of(GERENTE))
        at.cloud.cloud.set_fault(Fault("http_503", "auth", 1))
        assert code_of(await at.landings.all[-1].come_back(query)) == "onvio.unavailable"
        assert outcome(at, opened) == "onvio.unavailable"
