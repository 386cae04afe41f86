"""What the control API does: each route over a real socket, over real actions, store and hub."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from onvio_agent.contract.status import encode
from onvio_agent.simulator.accounts import AccountPatch
from support.aio import on_loop
from support.apis import MANAGER_PASSWORD, TOKEN, Served, served
from support.desks import Hold, bench
from support.sim import ANA, BRUNO, GERENTE, password_of


def sign_in(email: str) -> dict[str, str]:
    return {"email": email, "password": password_of(email)}


@on_loop
async def test_status_is_the_snapshot_of_the_contract(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        answer = await api.ask("GET", "/v1/status")
        assert answer.status == 200
        assert answer.json == json.loads(encode(at.desk.hub.snapshot()))
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


@on_loop
async def test_a_user_is_added_linked_confirmed_shown_and_inactivated(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        added = await api.ask("POST", "/v1/users", {"login": "carla", "name": "Carla"})
        assert (added.status, added.json["link"]["state"]) == (201, "not_linked")
        linked = await api.ask("PUT", "/v1/users/gerente/link", sign_in(GERENTE))
        assert linked.json["link"]["state"] == "unconfirmed"
        assert linked.json["icon"] | {"state": "play", "action": "sign_in"} == linked.json["icon"]
        detail = (await api.ask("GET", "/v1/users/gerente")).json
        assert detail["portal_option"] == {"enabled": True, "reason": None, "hint": None}
        assert detail["onvio_role"] == "administrator"
        assert detail["link_generation"] == 1
        confirmed = await api.ask("PUT", "/v1/users/gerente/portal", sign_in(GERENTE))
        assert confirmed.json["icon"]["state"] == "green"
        await api.ask("PUT", "/v1/users/ana/link", sign_in(ANA))
        gone = await api.ask("POST", "/v1/users/ana/inactivate", {"confirmed": True})
        assert gone.json["situation"] == "inactive"
        assert gone.json["onvio_email"] is None
        back = await api.ask("POST", "/v1/users/ana/activate")
        assert (back.json["situation"], back.json["link"]["state"]) == ("active", "not_linked")
        logins = [row["login"] for row in (await api.ask("GET", "/v1/users")).json]
        assert logins == ["gerente", "ana", "bruno", "carla"]


@on_loop
async def test_a_second_factor_is_asked_for_answered_and_given_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        at.cloud.cloud.patch_account(GERENTE, AccountPatch(second_factor="oob"))
        asked = await api.ask("PUT", "/v1/users/gerente/link", sign_in(GERENTE))
        assert asked.status == 202
        assert 590 < asked.json["expires_in_s"] <= 600
        assert asked.json["second_factor"] == {
            "kind": "oob",
            "channel": "email",
            "sent_to": "g***@escr***",
            "takes_recovery_code": True,
        }
        code = f"/v1/dialogues/{asked.json['id']}/code"
        wrong = await api.ask("POST", code, {"code": "000000"})
        assert (wrong.status, wrong.code) == (409, "auth.wrong_code")
        done = await api.ask("POST", code, {"code": at.cloud.cloud.codes(GERENTE)["oob"]})
        assert (done.status, done.json["recovery_code"]) == (200, None)
        assert done.json["user"]["link"]["state"] == "unconfirmed"
        again = await api.ask("PUT", "/v1/users/gerente/portal", sign_in(GERENTE))
        one = f"/v1/dialogues/{again.json['id']}"
        assert (await api.ask("DELETE", one)).status == 204
        late = await api.ask("POST", f"{one}/code", {"code": "123456"})
        assert (late.status, late.code) == (409, "signin.expired")


@on_loop
async def test_the_role_is_handed_over_and_every_session_ends_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        await at.connect("gerente", "bruno")
        refused = await api.ask("POST", "/v1/users/bruno/promote")
        assert (refused.status, refused.code) == (403, "manager.not_admin")
        refused = await api.ask("POST", "/v1/users/gerente/inactivate", {"confirmed": True})
        assert (refused.status, refused.code) == (403, "manager.only")
        at.cloud.cloud.patch_account(BRUNO, AccountPatch(role="administrator"))
        body = {"confirmed": True, "successor": "bruno"}
        gone = await api.ask("POST", "/v1/users/gerente/inactivate", body)
        assert (gone.status, gone.json["situation"]) == (200, "inactive")
        assert (await api.ask("GET", "/v1/users/bruno")).json["role"] == "manager"
        assert (await api.ask("POST", "/v1/users/ana/activate")).code == "manager.required"


@on_loop
async def test_only_the_gerente_changes_people_and_only_while_his_session_lasts(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        new = {"login": "carla", "name": "Carla"}
        assert (await api.ask("POST", "/v1/users", new)).code == "manager.required"
        assert (await api.ask("POST", "/v1/users", new, x_manager_session="x")).status == 403
        await api.sign_in()
        at.pass_time(899)
        assert (await api.ask("POST", "/v1/users", new)).status == 201
        at.pass_time(901)
        assert (await api.ask("POST", "/v1/users/ana/activate")).code == "manager.required"
        await api.sign_in()
        assert (await api.ask("DELETE", "/v1/sessions")).status == 204
        assert (await api.ask("POST", "/v1/users/ana/activate")).code == "manager.required"
        assert (await api.ask("DELETE", "/v1/sessions")).status == 204


@on_loop
async def test_a_guesser_of_the_gerentes_password_is_slowed_down(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        wrong = {"login": "gerente", "password": "errada-errada"}
        codes = [(await api.ask("POST", "/v1/sessions", wrong)).code for _ in range(6)]
        assert codes == ["manager.wrong_password"] * 5 + ["manager.locked"]
        right = {"login": "gerente", "password": MANAGER_PASSWORD}
        locked = await api.ask("POST", "/v1/sessions", right)
        assert locked.json["error"]["fields"]["wait_s"] > 0


@on_loop
async def test_pause_resume_and_reconnect_answer_with_the_state_that_they_led_to(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        paused = await api.ask("PUT", "/v1/intent", {"state": "paused", "for_s": 60})
        assert paused.json["intent"]["state"] == "paused"
        assert paused.json["intent"]["until"] is not None
        again = await api.ask("POST", "/v1/reconnect", {"login": None})
        assert again.json["intent"] == {"state": "run", "until": None}
        assert again.json["connection"]["state"] == "online"
        open_ended = await api.ask("PUT", "/v1/intent", {"state": "paused", "for_s": None})
        assert open_ended.json["intent"]["until"] is None
        assert (await api.ask("PUT", "/v1/intent", {"state": "run"})).status == 200
        for body in (
            {"state": "run", "for_s": 5},
            {"state": "paused", "for_s": -1},
            {"state": "x"},
        ):
            assert (await api.ask("PUT", "/v1/intent", body)).code == "request.invalid"
        assert (await api.ask("POST", "/v1/reconnect", {"login": "zé"})).code == "user.unknown"


@on_loop
async def test_whose_workstation_it_is_can_be_said_while_the_agent_runs(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.connect("gerente")
        assert (await api.ask("GET", "/v1/status")).json["icon"]["state"] == "green"
        anas = await api.ask("PUT", "/v1/workstation", {"login": "ANA"})
        assert anas.json["icon"]["reason"] == "link.none"
        assert at.desk.is_own(at.user("ana"))
        offices = await api.ask("PUT", "/v1/workstation", {"login": ""})
        assert offices.json["icon"]["state"] == "green"
        unknown = await api.ask("PUT", "/v1/workstation", {"login": "zé"})
        assert unknown.code == "user.unknown"


@on_loop
async def test_the_portals_hint_names_what_helps(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:

        async def why(login: str) -> str:
            return str((await api.ask("GET", f"/v1/users/{login}")).json["portal_option"]["reason"])

        await at.connect("gerente", "ana")
        assert [await why(login) for login in ("ana", "bruno")] == ["None", "link.not_linked"]
        at.cloud.cloud.revoke(GERENTE)
        await api.ask("POST", "/v1/reconnect")
        assert [await why(login) for login in ("gerente", "ana")] == [
            "link.session_ended",
            "manager.waiting",
        ]


@on_loop
async def test_the_portals_option_has_a_hint_where_it_is_disabled(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.link("gerente")
        at.wire.cut = True
        await api.ask("POST", "/v1/reconnect")
        await api.ask("POST", "/v1/reconnect")
        option = (await api.ask("GET", "/v1/users/gerente")).json["portal_option"]
        assert option["enabled"] is False
        assert "onvio-agent reconnect" in option["hint"]
        refused = await api.ask("PUT", "/v1/users/gerente/portal", sign_in(GERENTE))
        assert refused.status in (403, 409)


@on_loop
async def test_a_login_may_hold_any_printable_character(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        for login, path in (("a/link", "a%2Flink"), ("50%", "50%25"), ("joão", "jo%C3%A3o")):
            await api.ask("POST", "/v1/users", {"login": login, "name": "X"})
            assert (await api.ask("GET", f"/v1/users/{path}")).json["login"] == login
        assert (await api.ask("GET", "/v1/users/%FF%FE")).code == "user.bad_login"
        assert (await api.ask("GET", "/v1/users/nobody")).code == "user.unknown"


@on_loop
async def test_a_client_that_goes_away_cuts_no_action_in_half(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        at.wire.after = hold = Hold("/userinfo")
        writer = await _begin(api, "PUT", "/v1/users/gerente/link", sign_in(GERENTE))
        async with asyncio.timeout(5):
            await hold.reached.wait()
        writer.transport.abort()
        await asyncio.sleep(0.05)  # the end of the connection reaches the server
        assert at.user("gerente").link.account is None
        hold.release()
        await at.desk.tasks.close(grace_s=5)
        assert at.user("gerente").link.account is not None
        assert at.icon("gerente") == ("play", "portal.unconfirmed")


async def _begin(api: Served, method: str, path: str, body: dict[str, str]) -> asyncio.StreamWriter:
    _reader, writer = await api.connect()
    data = json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\n"
        f"authorization: Bearer {TOKEN}\r\nx-manager-session: {api.session}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    )
    writer.write(head.encode() + data)
    await writer.drain()
    return writer


@on_loop
async def test_twenty_clicks_are_one_try(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        at.wire.sent.clear()
        at.wire.before = hold = Hold("/health")
        clicks = [asyncio.create_task(api.ask("POST", "/v1/reconnect")) for _ in range(20)]
        async with asyncio.timeout(5):
            await hold.reached.wait()
        await asyncio.sleep(0.1)  # the other clicks arrive
        hold.release()
        assert {(await click).status for click in clicks} == {200}
        assert at.wire.sent.count("/health") == 1


@on_loop
async def test_a_password_is_in_no_answer_and_in_no_log(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        wrong = {"email": GERENTE, "password": "segredo-do-teste"}
        answers = [
            await api.ask("PUT", "/v1/users/gerente/link", wrong),
            await api.ask("PUT", "/v1/users/gerente/link", wrong | {"password": 7}),
            await api.ask("PUT", "/v1/users/bruno/link", sign_in(BRUNO) | {"email": "segredo-x"}),
            await api.ask("POST", "/v1/sessions", {"login": "x", "password": "segredo-do-teste"}),
        ]
        assert [answer.status for answer in answers][:2] == [409, 400]
        assert answers[0].code == "auth.wrong_password"
        assert not any(b"segredo-do-teste" in answer.body for answer in answers)
        assert not any("segredo-do-teste" in line for line in at.lines.lines)


@on_loop
async def test_a_stop_is_answered_before_it_is_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        answer = await api.ask("POST", "/v1/stop")
        assert answer.status == 202
        assert api.stop_requested.is_set()


@on_loop
async def test_a_store_that_fails_is_told_and_a_bug_is_not_shown(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.desk.store.close()
        answer = await api.ask("GET", "/v1/users/ana")
        assert answer.status in (500, 503)
        assert b"Traceback" not in answer.body
        assert b"sqlite" not in answer.body
        assert (await api.ask("GET", "/v1/status")).status == 200
