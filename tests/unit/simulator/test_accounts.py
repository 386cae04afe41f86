"""What ONVIO tells of an account, and how a change of it shows."""

from __future__ import annotations

from typing import Any

import pytest

from onvio_agent.simulator.accounts import AccountPatch, EmailTaken, UnknownAccount
from onvio_agent.simulator.seed import Office
from support.cloud import DirectCloud, read
from support.sim import ANA, BRUNO, GERENTE


def access_of(cloud: DirectCloud, email: str) -> str:
    token: str = read(cloud.sign_in(email))["access_token"]
    return token


def test_userinfo_names_the_account() -> None:
    cloud = DirectCloud()
    body = read(cloud.userinfo(access_of(cloud, ANA)))
    assert body.keys() == {"sub", "email", "email_verified", "name", "updated_at"}
    assert (body["email"], body["name"]) == (ANA, "Ana Moreira")
    assert body["sub"].startswith("auth0|")


def test_the_sub_is_the_same_in_every_life_and_survives_a_new_email() -> None:
    cloud = DirectCloud()
    token = access_of(cloud, ANA)
    sub = read(cloud.userinfo(token))["sub"]
    cloud.cloud.patch_account(ANA, AccountPatch(email="ana.nova@escritorio.example"))
    assert read(cloud.userinfo(token))["sub"] == sub
    other = DirectCloud()
    assert read(other.userinfo(access_of(other, ANA)))["sub"] == sub


def test_a_mailbox_given_to_another_account_answers_with_another_sub() -> None:
    cloud = DirectCloud()
    sub = read(cloud.userinfo(access_of(cloud, ANA)))["sub"]
    cloud.cloud.patch_account(ANA, AccountPatch(email="antiga@escritorio.example"))
    cloud.cloud.patch_account(BRUNO, AccountPatch(email=ANA, password="senha-onvio-ana"))
    assert read(cloud.userinfo(access_of(cloud, ANA)))["sub"] != sub


def test_a_mailbox_can_become_another_persons_with_all_its_tokens() -> None:
    cloud = DirectCloud()
    token = access_of(cloud, ANA)
    cloud.cloud.patch_account(ANA, AccountPatch(sub="auth0|another"))
    body = read(cloud.userinfo(token))
    assert (body["sub"], body["email"]) == ("auth0|another", ANA)
    with pytest.raises(ValueError, match="sub"):
        cloud.cloud.patch_account(BRUNO, AccountPatch(sub="auth0|another"))


def test_an_email_in_use_and_an_unknown_account_are_refused() -> None:
    cloud = DirectCloud()
    with pytest.raises(EmailTaken):
        cloud.cloud.patch_account(ANA, AccountPatch(email=BRUNO.upper(), name="X"))
    with pytest.raises(UnknownAccount):
        cloud.cloud.patch_account("x@y.example", AccountPatch(name="X"))
    assert read(cloud.userinfo(access_of(cloud, ANA)))["name"] == "Ana Moreira"


def test_client_info_tells_office_clients_and_role_but_no_office_key() -> None:
    cloud = DirectCloud()
    answer = cloud.client_info(access_of(cloud, GERENTE))
    body = read(answer)
    assert body["office"]["cnpj"] == "11222333000181"
    assert body["account"] == {"email": GERENTE, "role": "administrator"}
    assert body["clients"] == [{"name": "Padaria Pão da Serra", "cnpj": "12ABC34501DE35"}]
    assert b"chave-1" not in answer.body


@pytest.mark.parametrize("role", [None, "unknown"])
def test_an_unknown_role_is_not_named_at_all(role: Any) -> None:
    cloud = DirectCloud()
    cloud.cloud.patch_account(GERENTE, AccountPatch(role=role))
    assert "role" not in read(cloud.client_info(access_of(cloud, GERENTE)))["account"]


def test_a_demotion_and_another_office_show_at_once() -> None:
    cloud = DirectCloud()
    token = access_of(cloud, GERENTE)
    change = AccountPatch(role="staff", office=Office("45723174000110", "Outro"))
    cloud.cloud.patch_account(GERENTE, change)
    body = read(cloud.client_info(token))
    assert body["account"]["role"] == "staff"
    assert body["office"] == {"cnpj": "45723174000110", "name": "Outro"}


def test_clients_come_in_pages_of_fifty() -> None:
    clients = [{"name": f"Cliente {n}", "cnpj": f"{n:014d}"} for n in range(120)]
    cloud = DirectCloud(clients=clients)
    token = access_of(cloud, ANA)
    pages = [read(cloud.client_info(token, page)) for page in (1, 2, 3, 4)]
    assert [len(page["clients"]) for page in pages] == [50, 50, 20, 0]
    assert {page["totalPages"] for page in pages} == {3}
    bad = cloud.ask(
        "api",
        "GET",
        "/dominio/integration/v2/client/info?pageIndex=-1",
        authorization=f"Bearer {token}",
    )
    assert bad.status == 400


@pytest.mark.parametrize(
    ("token", "status", "detail"),
    [
        ("", 401, "Access token is missing."),
        ("Bearer abc", 400, "Failed to decode invalid or incorrectly formatted token."),
        ("Bearer at." + "0" * 32, 401, "Invalid token"),
    ],
)
def test_the_interface_refuses_bad_tokens_in_its_own_words(
    token: str, status: int, detail: str
) -> None:
    path = "/dominio/status/v2/integration/info"
    answer = DirectCloud().ask("api", "GET", path, authorization=token)
    body = read(answer)
    assert (answer.status, body["status"], body["detail"]) == (status, str(status), detail)
    assert body.keys() == {"type", "title", "detail", "status", "instance", "api_requestId"}


def test_the_probe_resource_needs_no_token_on_either_target() -> None:
    cloud = DirectCloud()
    assert read(cloud.ask("api", "GET", "/health")) == {"status": "UP"}
    assert read(cloud.ask("auth", "GET", "/health")) == {"status": "UP"}


def test_unknown_paths_and_methods_are_refused() -> None:
    cloud = DirectCloud()
    assert cloud.ask("auth", "GET", "/nada").status == 404
    assert cloud.ask("api", "GET", "/oauth/token").status == 404
    wrong = cloud.ask("auth", "GET", "/oauth/token")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    wrong = cloud.ask("api", "DELETE", "/dominio/integration/v2/client/info")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET")


def test_discovery_names_the_endpoints_of_the_token_server() -> None:
    cloud = DirectCloud()
    cloud.cloud.world.auth_url = "https://127.0.0.1:1"
    body = read(cloud.ask("auth", "GET", "/.well-known/openid-configuration"))
    assert body["token_endpoint"] == "https://127.0.0.1:1/oauth/token"
    assert body["issuer"] == "https://127.0.0.1:1/"
