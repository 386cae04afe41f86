from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from onvio_agent.contract.status import Role, Situation
from onvio_agent.errors import Refused
from onvio_agent.office.model import Link, OnvioRole, Vouched
from onvio_agent.store.base import revocation_row, tokens_row
from support.aio import on_loop
from support.store_parts import (
    START,
    account,
    add_linked,
    later,
    new_user,
    opened,
    stored,
    with_link,
)


@on_loop
async def test_a_new_user_has_an_id_no_link_and_generation_zero(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        saved = await store.add_user(with_link(new_user("ana"), account("ana")), at=START)
        assert saved.id > 0
        assert saved.link == Link()
        assert (await store.office()).users == (saved,)


@on_loop
async def test_users_come_back_in_the_order_in_which_they_were_added(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    async with opened(path) as store:
        for login in ("zoe", "ana", "Mia"):
            await store.add_user(new_user(login), at=START)
    async with opened(path) as store:
        assert [u.login for u in (await store.office()).users] == ["zoe", "ana", "Mia"]


@on_loop
async def test_a_login_is_taken_whatever_its_case_and_form(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_user(new_user("Jos\u00e9"), at=START)
        with pytest.raises(Refused) as refused:
            await store.add_user(new_user("JOSE\u0301"), at=START)
        assert refused.value.code == "user.exists"
        assert refused.value.fields == {"login": "Jos\u00e9"}
        assert len((await store.office()).users) == 1


@on_loop
async def test_there_is_one_active_manager_by_constraint(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await store.add_user(new_user("chefe", role=Role.MANAGER), at=START)
        with pytest.raises(Refused) as refused:
            await store.add_user(new_user("outro", role=Role.MANAGER), at=START)
        assert refused.value.code == "manager.exists"
        assert refused.value.fields == {"login": "chefe"}


@on_loop
async def test_a_link_raises_the_generation_and_sets_utiliza_onvio(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        user = await store.add_user(new_user("ana"), at=START)
        wanted = with_link(
            user,
            account("ana"),
            administrator_confirmed_by="chefe",
            office_vouched=Vouched("chefe", later(4)),
        )
        assert await store.save_link(user.id, 0, wanted, b"sealed", at=later(5))
        saved = await stored(store, user.id)
        assert saved.link == Link(
            generation=1,
            account=account("ana"),
            administrator_confirmed_by="chefe",
            office_vouched=Vouched("chefe", later(4)),
            linked_at=later(5),
        )
        assert saved.uses_onvio
        assert not saved.uses_client_portal


@on_loop
async def test_a_link_made_for_an_older_generation_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        user = await add_linked(store, "ana")
        other = with_link(user, account("bia"))
        assert not await store.save_link(user.id, 0, other, b"late", at=START)
        assert await stored(store, user.id) == user
        tokens = await store.tokens(user.id, 1)
        assert tokens is not None
        assert tokens.sealed == b"sealed"


@on_loop
async def test_the_same_person_keeps_the_portal_confirmation_and_another_loses_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        user = await add_linked(store, "ana")
        again = with_link(user, account("nova", sub="auth0|ana"))
        assert await store.save_link(user.id, 1, again, b"two", at=START)
        kept = await stored(store, user.id)
        assert kept.link.confirmed
        assert kept.uses_client_portal
        other = with_link(user, account("bia"), confirmed=True)
        assert await store.save_link(user.id, 2, other, b"three", at=START)
        lost = await stored(store, user.id)
        assert not lost.link.confirmed
        assert not lost.uses_client_portal
        assert lost.uses_onvio


@on_loop
async def test_linking_again_clears_an_end_and_a_reported_email(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "bia")
        user = await add_linked(store, "ana")
        await store.report_email(user.id, 1, "bia@office.example", at=START)
        await store.end_link(user.id, 1, "link.session_ended", keep_tokens=False)
        assert await store.save_link(user.id, 1, with_link(user, account("ana")), b"x", at=START)
        saved = await stored(store, user.id)
        assert saved.link.ended is None
        assert saved.link.reported_email is None


@on_loop
async def test_the_tokens_of_the_former_link_wait_for_revocation(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        user = await add_linked(store, "ana", sealed=b"old")
        await store.save_link(user.id, 1, with_link(user, account("ana")), b"new", at=later(9))
        (waiting,) = await store.revocations(10)
        assert waiting.sealed == b"old"
        assert waiting.row == tokens_row(user.id, 1)
        assert waiting.queued_at == later(9)
        assert await store.tokens(user.id, 1) is None
        new = await store.tokens(user.id, 2)
        assert new is not None
        assert (new.sealed, new.serial) == (b"new", 1)


@on_loop
async def test_an_email_belongs_to_one_link_whatever_its_case(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "ana")
        bia = await add_linked(store, "bia")
        shouted = msgspec.structs.replace(account("bia"), email=" ANA@Office.Example")
        with pytest.raises(Refused) as refused:
            await store.save_link(bia.id, 1, with_link(bia, shouted), b"x", at=START)
        assert refused.value.code == "link.email_taken"
        assert refused.value.fields == {"login": "ana", "heir": ""}
        assert await stored(store, bia.id) == bia
        assert list(await store.revocations(10)) == []


@on_loop
async def test_an_onvio_person_belongs_to_one_link_whatever_the_email(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        await add_linked(store, "ana")
        bia = await add_linked(store, "bia")
        same_person = account("carla", sub="auth0|ana")
        with pytest.raises(Refused) as refused:
            await store.save_link(bia.id, 1, with_link(bia, same_person), b"x", at=START)
        assert refused.value.fields == {"login": "ana", "heir": ""}
        elsewhere = account("carla", sub="auth0|ana", issuer="https://other.test/")
        assert await store.save_link(bia.id, 1, with_link(bia, elsewhere), b"x", at=START)


@on_loop
async def test_s8_s11_inactivating_frees_the_email_at_once_and_queues_the_tokens(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana", sealed=b"of ana")
        bia = await store.add_user(new_user("bia"), at=START)
        assert await store.inactivate(ana.id, 1, None, at=later(1))
        gone = await stored(store, ana.id)
        assert gone.situation is Situation.INACTIVE
        assert gone.link == Link(generation=2)
        assert not gone.uses_onvio
        assert not gone.uses_client_portal
        assert [r.sealed for r in await store.revocations(10)] == [b"of ana"]
        assert await store.tokens(ana.id, 1) is None
        assert await store.save_link(bia.id, 0, with_link(bia, account("ana")), b"y", at=START)
        assert await store.activate(ana.id, at=later(2))
        back = await stored(store, ana.id)
        assert back.situation is Situation.ACTIVE
        assert back.link == Link(generation=3)
        assert await store.save_link(ana.id, 3, with_link(ana, account("nova")), b"z", at=START)


@on_loop
async def test_an_inactive_user_cannot_be_linked_or_inactivated_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        assert await store.inactivate(ana.id, 1, None, at=START)
        assert not await store.inactivate(ana.id, 2, None, at=START)
        assert not await store.save_link(ana.id, 2, with_link(ana, account("ana")), b"x", at=START)
        assert await store.activate(ana.id, at=START)
        assert not await store.activate(ana.id, at=START)


@on_loop
async def test_the_manager_goes_only_by_handing_the_role_over_in_the_same_step(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        chefe = await add_linked(store, "chefe", role=Role.MANAGER)
        bia = await add_linked(store, "bia")
        new = await add_linked(store, "new", confirmed=False)
        with pytest.raises(Refused) as refused:
            await store.inactivate(chefe.id, 1, None, at=START)
        assert refused.value.code == "manager.only"
        assert not await store.inactivate(chefe.id, 1, new.id, at=START)
        assert not await store.inactivate(bia.id, 1, chefe.id, at=START)
        assert (await store.office()).manager == chefe
        assert await store.inactivate(chefe.id, 1, bia.id, at=START)
        manager = (await store.office()).manager
        assert manager is not None
        assert manager.id == bia.id
        assert (await stored(store, chefe.id)).role is Role.STANDARD


@on_loop
async def test_the_role_moves_in_one_step_and_only_to_a_standing_link(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        chefe = await add_linked(store, "chefe", role=Role.MANAGER)
        bia = await add_linked(store, "bia")
        ended = await add_linked(store, "ended")
        await store.end_link(ended.id, 1, "link.session_ended", keep_tokens=False)
        assert not await store.promote(ended.id, at=START)
        assert not await store.promote(chefe.id, at=START)
        assert not await store.promote(999, at=START)
        assert await store.promote(bia.id, at=START)
        roles = {u.login: u.role for u in (await store.office()).users}
        assert roles == {"chefe": Role.STANDARD, "bia": Role.MANAGER, "ended": Role.STANDARD}
        assert (await stored(store, bia.id)).link.generation == 1


@on_loop
async def test_an_end_is_recorded_taken_back_and_dropped_for_an_older_generation(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        assert not await store.end_link(ana.id, 0, "link.session_ended", keep_tokens=False)
        assert await store.start_refresh(ana.id, 1, 1, at=START)
        assert await store.end_link(ana.id, 1, "link.account_disabled", keep_tokens=True)
        kept = await store.tokens(ana.id, 1)
        assert kept is not None
        assert kept.refresh_started_at is None
        assert (await stored(store, ana.id)).link.ended == "link.account_disabled"
        assert not await store.reopen_link(ana.id, 0)
        assert await store.reopen_link(ana.id, 1)
        assert (await stored(store, ana.id)).link.ended is None
        assert await store.end_link(ana.id, 1, "link.session_ended", keep_tokens=False)
        assert await store.tokens(ana.id, 1) is None
        assert list(await store.revocations(10)) == []


@on_loop
async def test_a_user_without_a_link_has_nothing_to_end_or_confirm(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await store.add_user(new_user("ana"), at=START)
        assert not await store.end_link(ana.id, 0, "link.session_ended", keep_tokens=False)
        assert not await store.confirm_portal(ana.id, 0, at=START)
        assert not await store.reopen_link(ana.id, 0)
        assert not await store.update_account(ana.id, 0, account("ana"), at=START)
        assert await store.report_email(ana.id, 0, "x@office.example", at=START) == {}
        assert await stored(store, ana.id) == ana


@on_loop
async def test_name_role_and_office_are_taken_over_but_never_who_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        told = msgspec.structs.replace(
            account("other"), name="Ana Maria", role=OnvioRole.ADMINISTRATOR, office_cnpj=None
        )
        assert not await store.update_account(ana.id, 0, told, at=START)
        assert await store.update_account(ana.id, 1, told, at=START)
        assert (await stored(store, ana.id)).link.account == msgspec.structs.replace(
            account("ana"), name="Ana Maria", role=OnvioRole.ADMINISTRATOR, office_cnpj=None
        )


@on_loop
async def test_s13_a_changed_email_is_taken_over_and_a_colliding_one_waits(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        bia = await add_linked(store, "bia")
        assert await store.report_email(ana.id, 0, "x@office.example", at=START) == {}
        moved = await store.report_email(ana.id, 1, "ana.maria@office.example", at=START)
        assert moved == {ana.id: "ana.maria@office.example"}
        assert await store.report_email(bia.id, 1, "Ana.Maria@office.example", at=START) == {}
        waiting = await stored(store, bia.id)
        assert waiting.link.reported_email == "Ana.Maria@office.example"
        assert waiting.link.account == account("bia")
        assert await store.report_email(bia.id, 1, None, at=START) == {}
        assert (await stored(store, bia.id)).link.reported_email is None


@on_loop
async def test_s13_what_changes_at_onvio_goes_into_the_history(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        await add_linked(store, "bia")
        renamed = msgspec.structs.replace(account("ana"), name="Ana Maria")
        await store.update_account(ana.id, 1, renamed, at=later(1))
        await store.update_account(ana.id, 1, renamed, at=later(2))  # no change, no row
        await store.report_email(ana.id, 1, "ana.maria@office.example", at=later(3))
        for minute in (4, 5):  # the same collision is one row
            await store.report_email(ana.id, 1, "bia@office.example", at=later(minute))
        rows = await store.history(subject="ana", since=None, limit=9)
        assert [(row.reason, row.before, row.after, row.at) for row in reversed(rows)] == [
            ("link.name_changed", account("ana").name, "Ana Maria", later(1)),
            (
                "link.email_changed",
                "ana@office.example",
                "ana.maria@office.example",
                later(3),
            ),
            (
                "link.email_collides",
                "ana.maria@office.example",
                "bia@office.example",
                later(4),
            ),
        ]


@on_loop
async def test_s13_two_who_swapped_their_emails_settle_in_one_step(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        bia = await add_linked(store, "bia")
        assert await store.report_email(ana.id, 1, "bia@office.example", at=START) == {}
        swapped = await store.report_email(bia.id, 1, "ana@office.example", at=START)
        assert swapped == {ana.id: "bia@office.example", bia.id: "ana@office.example"}
        emails = {
            u.login: u.link.account.email for u in (await store.office()).users if u.link.account
        }
        assert emails == {"ana": "bia@office.example", "bia": "ana@office.example"}


@on_loop
async def test_s11_who_has_no_link_may_take_an_email_that_its_holder_has_given_up(
    tmp_path: Path,
) -> None:
    """Ana's new e-mail was Bia's, who is unlinked before it could be taken over."""
    async with opened(tmp_path / "agent.db") as store:
        ana = await add_linked(store, "ana")
        bia = await add_linked(store, "bia")
        assert await store.report_email(ana.id, 1, "bia@office.example", at=START) == {}
        assert await store.inactivate(bia.id, 1, None, at=later(1))
        assert await store.activate(bia.id, at=later(2))
        empty = await stored(store, bia.id)
        fresh = msgspec.structs.replace(account("bia", sub="other"), email="ana@office.example")
        generation = empty.link.generation
        linked = with_link(empty, fresh, generation=generation + 1)
        assert await store.save_link(bia.id, generation, linked, b"", at=later(3))
        emails = [
            user.link.account and user.link.account.email for user in (await store.office()).users
        ]
        assert emails == ["bia@office.example", "ana@office.example"]


@on_loop
async def test_an_id_is_never_used_twice(tmp_path: Path) -> None:
    async with opened(tmp_path / "agent.db") as store:
        first = await store.add_user(new_user("ana"), at=START)
        with pytest.raises(Refused):
            await store.add_user(new_user("ana"), at=START)
        second = await store.add_user(new_user("bia"), at=START)
        assert second.id > first.id
        assert revocation_row(first.id) != revocation_row(second.id)
