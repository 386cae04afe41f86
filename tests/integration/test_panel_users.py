"""*Controle > Permissões > Usuários*: who sees whom, and every form, refused and accepted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onvio_agent.office.model import User
from onvio_agent.panel.turn import LIVE_HEADER
from onvio_agent.simulator.accounts import AccountPatch
from support.aio import on_loop
from support.apis import MANAGER_PASSWORD
from support.desks import Bench
from support.panels import Visitor, office
from support.sim import ANA, BRUNO, GERENTE, office_seed, password_of


def refusals(at: Bench) -> list[Any]:
    return [entry["why"] for entry in at.events("api.refused")]


ACTIONS = [
    ("/new-user", {"login": "x", "name": "X"}),
    ("/users/ana/link", {"email": ANA, "password": password_of(ANA)}),
    ("/users/ana/portal", {"email": ANA, "password": password_of(ANA)}),
    ("/users/ana/situation", {"situation": "inactive"}),
    ("/users/ana/inactivate", {"confirmed": "1"}),
    ("/users/ana/promote", {}),
    ("/users/ana/name", {"name": "Outra"}),
    ("/users/ana/erase", {"generation": "0"}),
    ("/import-users/save", {}),
]


@on_loop
async def test_a_new_password_must_be_typed_the_same_twice(tmp_path: Path) -> None:
    async with office(tmp_path, manager=False) as (_at, visitor):
        form = {"login": "helena", "name": "Helena", "password": "uma-senha", "again": "outra"}
        await visitor.post("/set-up", **form)
        shown = await visitor.ask("GET", "/users")
        assert b'data-reason="password.differs"' in shown.body


@pytest.mark.parametrize(("path", "form"), ACTIONS)
@on_loop
async def test_a_plain_user_calling_the_gerentes_actions_is_refused_and_logged(
    tmp_path: Path, path: str, form: dict[str, str]
) -> None:
    async with office(tmp_path, "gerente", "ana", manager=False, own="bruno") as (at, visitor):
        before = at.desk.hub.office
        if path == "/import-users/save":
            path, form = "/import-users", {}
        answer = await visitor.ask("POST", path, form)
        assert answer.status == 403
        assert "Só o Gerente" in answer.body.decode()
        assert refusals(at) == ["manager"]
        assert at.desk.hub.office == before


@pytest.mark.parametrize(
    "path",
    [
        "/new-user",
        "/import-users",
        "/users/ana",
        "/users/ana/promote",
        "/users/ana/data",
        "/users/ana/data.json",
    ],
)
@on_loop
async def test_a_plain_user_sees_no_page_of_the_gerentes(tmp_path: Path, path: str) -> None:
    async with office(tmp_path, manager=False, own="bruno") as (at, visitor):
        assert (await visitor.ask("GET", path)).status == 403
        assert refusals(at) == ["manager"]


@on_loop
async def test_a_plain_user_sees_their_own_row_alone(tmp_path: Path) -> None:
    async with office(tmp_path, manager=False, own="ana") as (at, visitor):
        page = await visitor.page("/users")
        assert "Ana" in page
        assert "Bruno" not in page
        assert (await visitor.ask("GET", "/users/ana")).status == 200
        at.desk.hub.set_own_login("")
        assert "Ana" not in await visitor.page("/users")


@on_loop
async def test_a_person_may_sign_in_again_to_their_own_link(tmp_path: Path) -> None:
    async with office(tmp_path, "gerente", "ana", manager=False, own="ana") as (_at, visitor):
        form = {"email": ANA, "password": password_of(ANA)}
        assert "Você entrou no ONVIO." in await visitor.post("/users/ana/link", **form)


@on_loop
async def test_the_gerente_links_and_confirms_as_the_seed_says(tmp_path: Path) -> None:
    async with office(tmp_path) as (at, visitor):
        page = await visitor.page("/users/gerente")
        for words in ("Utiliza ONVIO", "Usuário ONVIO", "Usuário no ONVIO", "Senha", "Gravar"):
            assert words in page
        form = {"email": GERENTE, "password": password_of(GERENTE)}
        assert "Vinculado ao ONVIO." in await visitor.post("/users/gerente/link", **form)
        assert "Usuário para acessar ONVIO/Suporte" in await visitor.page("/users/gerente")
        other = {"email": ANA, "password": password_of(ANA)}
        assert "mesma conta" in await visitor.post("/users/gerente/portal", **other)
        assert "Conectado ao ONVIO." in await visitor.post("/users/gerente/portal", **form)
        assert at.icon("gerente") == ("green", None)


@on_loop
async def test_an_office_that_onvio_does_not_tell_is_asked_about_and_confirmed(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, "gerente") as (at, visitor):
        at.cloud.cloud.patch_account(ANA, AccountPatch(office="unknown"))
        assert "Confirmo" not in await visitor.page("/users/ana")
        form = {"email": ANA, "password": password_of(ANA)}
        assert "Confirmo que esta conta é deste escritório" in await visitor.post(
            "/users/ana/link", **form
        )
        await visitor.post("/users/ana/link", office="1", **form)
        user = at.desk.hub.office.find("ana")
        assert user is not None
        assert user.link.office_vouched is not None
        assert user.link.office_vouched.by == "gerente"


@on_loop
async def test_a_wrong_password_changes_nothing_and_the_email_stays_in_the_field(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as (at, visitor):
        form = {"email": GERENTE, "password": "errada"}
        answer = await visitor.ask("POST", "/users/gerente/link", form)
        body = (await visitor.ask("GET", "/users/gerente")).body.decode()
        assert answer.status == 303
        assert f'value="{GERENTE}"' in body
        assert "errada" not in body
        assert "senha" in body.lower()
        assert at.user("gerente").link.account is None
        assert (
            f'value="{GERENTE}"' not in (await visitor.ask("GET", "/users/gerente")).body.decode()
        )


@on_loop
async def test_a_second_factor_is_asked_for_and_may_be_given_up(
    tmp_path: Path,
) -> None:
    accounts = office_seed()["accounts"]
    accounts[0]["second_factor"] = "otp"
    async with office(tmp_path, accounts=accounts) as (_at, visitor):
        form = {"email": GERENTE, "password": password_of(GERENTE)}
        asked = await visitor.post("/users/gerente/link", **form)
        assert "Mais um passo: o código" in asked
        wrong = await visitor.post("/users/gerente/code", what="link", code="000000")
        assert "Mais um passo: o código" in wrong
        gone = await visitor.post("/users/gerente/cancel", what="link")
        assert "Mais um passo" not in gone
        over = await visitor.post("/users/gerente/code", what="link", code="000000")
        assert "Mais um passo" not in over


@on_loop
async def test_a_password_that_was_just_reset_is_waited_for_in_sight(tmp_path: Path) -> None:
    accounts = office_seed()["accounts"]
    accounts[0]["state"] = "reset"
    async with office(tmp_path, accounts=accounts) as (at, visitor):
        form = {"email": GERENTE, "password": password_of(GERENTE), "just_reset": "on"}
        page = await visitor.post("/users/gerente/link", **form)
        assert "O ONVIO ainda não aceita a senha" in page
        assert "1:00" in page
        assert "tentativas restantes: 3" in page
        await visitor.post("/sign-out")
        assert not at.desk.dialogues  # nothing is held for somebody who has left


@on_loop
async def test_inactivating_asks_first_frees_the_email_and_keeps_the_history(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, "gerente", "ana") as (at, visitor):
        asked = await visitor.post("/users/ana/situation", situation="inactive")
        assert "Passar Ana para Inativo?" in asked
        assert at.user("ana").link.account is not None
        done = await visitor.post("/users/ana/inactivate", confirmed="1")
        assert "e-mail está livre" in done
        form = {"email": ANA, "password": password_of(ANA)}
        assert "Vinculado" in await visitor.post("/users/bruno/link", **form)
        assert "voltou a ser Ativo" in await visitor.post(
            "/users/ana/situation", situation="active"
        )
        form = {"email": BRUNO, "password": password_of(BRUNO)}
        assert "Vinculado" in await visitor.post("/users/ana/link", **form)


@on_loop
async def test_the_role_is_handed_over_only_to_an_administrator_and_ends_the_session(
    tmp_path: Path,
) -> None:
    accounts = office_seed()["accounts"]
    accounts[1]["role"] = "administrator"
    async with office(tmp_path, "gerente", "ana", "bruno", accounts=accounts) as (at, visitor):
        assert "administrador" in await visitor.post("/users/bruno/promote")
        assert at.user("gerente").is_manager
        done = await visitor.post("/users/ana/promote")
        assert "Ana é Gerente agora." in done
        assert at.user("ana").is_manager
        assert (await visitor.ask("GET", "/new-user")).status == 403


@on_loop
async def test_the_gerente_leaves_only_with_a_successor(tmp_path: Path) -> None:
    accounts = office_seed()["accounts"]
    accounts[1]["role"] = "administrator"
    async with office(tmp_path, "gerente", "ana", accounts=accounts) as (at, visitor):
        await visitor.post("/users/gerente/inactivate", confirmed="1")
        assert at.user("gerente").is_active
        await visitor.post("/users/gerente/inactivate", confirmed="1", successor="ana")
        assert not at.user("gerente").is_active
        assert at.user("ana").is_manager


@on_loop
async def test_a_new_user_is_added_and_a_bad_one_is_not(tmp_path: Path) -> None:
    async with office(tmp_path) as (at, visitor):
        assert "O usuário foi incluído." in await visitor.post("/new-user", login="a/b", name="Bia")
        assert at.desk.hub.office.find("a/b") is not None
        again = await visitor.ask("POST", "/new-user", {"login": "a/b", "name": "Outra"})
        assert again.headers["location"].endswith("/new-user")
        body = (await visitor.ask("GET", "/new-user")).body.decode()
        assert 'value="Outra"' in body


@on_loop
async def test_a_name_is_corrected_and_a_bad_one_is_not(tmp_path: Path) -> None:
    async with office(tmp_path, "gerente", "ana") as (at, visitor):
        before = at.user("ana")
        assert "Gravado." in await visitor.post("/users/ana/name", name=" Ana Maria ")
        assert at.user("ana") == msgspec.structs.replace(before, name="Ana Maria")
        assert [each["user"] for each in at.events("user.renamed")] == ["ana"]
        await visitor.post("/users/ana/name", name="Ana Maria")
        await visitor.post("/users/ana/name", name=" ")
        assert at.user("ana").name == "Ana Maria"
        assert len(at.events("user.renamed")) == 1


@on_loop
async def test_the_session_ends_by_idleness_and_a_page_that_follows_by_itself_does_not_prolong_it(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as (at, visitor):
        idle_s = at.desk.settings.control.session_idle_s
        for _ in range(3):
            at.pass_time(idle_s / 2 - 1)
            live = {LIVE_HEADER.replace("-", "_"): "1"}
            answer = await visitor.ask("GET", "/users", **live)
        assert b"Bruno" not in answer.body
        page = await visitor.page("/users")
        assert "A sessão do Gerente terminou." in page
        assert "Bruno" not in page


@on_loop
async def test_signing_out_ends_the_session_itself(tmp_path: Path) -> None:
    async with office(tmp_path) as (at, visitor):
        other = Visitor(visitor.api)
        await other.enter()
        assert "Você saiu." in await visitor.post("/sign-out")
        assert (await visitor.ask("GET", "/new-user")).status == 403
        assert (await other.ask("GET", "/new-user")).status == 403
        wrong = await other.post("/sign-in", login="gerente", password="errada-mesmo")
        assert "senha" in wrong
        again = await other.post("/sign-in", login="gerente", password=MANAGER_PASSWORD)
        assert "Bruno" in again
        assert len(at.events("session.opened")) == 2


@on_loop
async def test_a_login_of_dots_that_is_there_already_has_its_page(tmp_path: Path) -> None:
    async with office(tmp_path) as (at, visitor):
        assert "Isto não é um login" in await visitor.post("/new-user", login="..", name="Ponto")
        await at.desk.store.add_user(User(id=0, login="..", name="Ponto"), at=at.clock.wall())
        await at.desk.reload_office()
        found = re.findall(
            r'href="([^"]+)">Ponto', (await visitor.ask("GET", "/users")).body.decode()
        )
        path = found[0].removeprefix(visitor.base)
        assert "Ponto" in await visitor.page(path)
        assert "está Inativo" in await visitor.post(path + "/inactivate", confirmed="1")


@on_loop
async def test_s3_who_proves_himself_with_a_code_is_asked_to_vouch_where_onvio_says_nothing(
    tmp_path: Path,
) -> None:
    accounts = office_seed()["accounts"]
    accounts[0] |= {"second_factor": "otp", "role": "unknown"}
    async with office(tmp_path, accounts=accounts) as (at, visitor):
        form = {"email": GERENTE, "password": password_of(GERENTE)}

        async def with_code(**more: str) -> str:
            asked = await visitor.post("/users/gerente/link", **(form | more))
            assert "Mais um passo: o código" in asked
            code = at.cloud.cloud.codes(GERENTE)["otp"]
            answer = await visitor.ask(
                "POST", "/users/gerente/code", {"what": "link", "code": code}
            )
            assert answer.status == 303
            return (await visitor.ask("GET", "/users/gerente")).body.decode()

        page = await with_code()
        assert 'name="administrator" required' in page
        assert f'value="{GERENTE}"' in page
        assert "Este acesso não está mais aberto" not in page
        told = await visitor.post("/users/gerente/link", **form, asked="administrator", browser="1")
        assert "marque abaixo" in told
        assert "Abrir a página do ONVIO" not in told
        assert "Vinculado ao ONVIO." in await with_code(asked="administrator", administrator="on")
        assert at.user("gerente").link.administrator_confirmed_by == "gerente"


@on_loop
async def test_s3_who_vouches_at_once_is_not_asked_again(tmp_path: Path) -> None:
    accounts = office_seed()["accounts"]
    accounts[0]["role"] = "unknown"
    async with office(tmp_path, accounts=accounts) as (at, visitor):
        form = {"email": GERENTE, "password": password_of(GERENTE), "administrator": "on"}
        assert "Vinculado ao ONVIO." in await visitor.post("/users/gerente/link", **form)
        assert at.user("gerente").link.administrator_confirmed_by == "gerente"


@on_loop
async def test_s8_a_confirmation_that_is_sent_again_ends_nothing_more(tmp_path: Path) -> None:
    """*Back* shows the question of before; meanwhile the user may have another link."""
    async with office(tmp_path, "gerente", "ana") as (at, visitor):
        asked = (await visitor.ask("GET", "/users/ana/inactivate")).body.decode()
        found = re.findall(r'name="generation" value="(\d+)"', asked)
        form = {"confirmed": "1", "generation": found[0]}
        assert "o e-mail está livre" in await visitor.post("/users/ana/inactivate", **form)
        generation = at.user("ana").link.generation
        assert "nada foi alterado" in await visitor.post("/users/ana/inactivate", **form)
        answer = await visitor.ask("GET", "/users/ana/inactivate")
        assert answer.status == 303
        assert at.user("ana").link.generation == generation
        await visitor.post("/users/ana/situation", situation="active")
        await at.connect("ana")
        assert "no mesmo momento" in await visitor.post("/users/ana/inactivate", **form)
        assert at.icon("ana") == ("green", None)
