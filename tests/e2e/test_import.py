"""`users import` as the Gerente gives it: what is done, what is said where, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.office import MANAGER, Profile
from support.sim import ANA, BRUNO, CARLA, password_of

HEAD = "login;nome;perfil;situação;e-mail"


def listed(profile: Profile, *lines: str, encoding: str = "utf-8-sig", head: str = HEAD) -> str:
    """A list's path."""
    path = profile.home_dir / "lista.csv"
    path.write_bytes("\r\n".join((head, *lines, "")).encode(encoding))
    return str(path)


def names(profile: Profile) -> dict[str, str]:
    return {user.login: user.name for user in profile.status().users}


def test_s9_the_gerente_imports_the_office_and_nobody_else_does(profile: Profile) -> None:
    profile.seat("ana")
    path = listed(
        profile,
        "Prado;helena;Gerente;Ativo;",
        f"Ana Moreira;ana;Usuário;Inativo;{ANA}",
        f"Zo\u00e9 D'\u00c1vila;ZOE;usuario;ATIVO;{BRUNO}",
        "Davi;davi;;Inativo;",
        head="NOME;Login;Perfil;Situacao;email",
        encoding="cp1252",
    )
    refused = profile.cli("users", "import", path)
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith("manager.required: ")
    dry = profile.must("users", "import", path, "--dry-run", *profile.acting)
    assert "Nothing was changed" in dry.out
    assert list(names(profile)) == [MANAGER, "ana"]
    done = profile.must("users", "import", path, *profile.acting)
    assert "Added: 2. Names changed: 1. E-mails noted: 0. Already there: 1. Wrong: 0." in done.out
    assert "Helena Prado" in done.out  # what was replaced is told
    assert "onvio-agent inactivate ana" in done.out
    assert names(profile) == {
        MANAGER: "Prado",
        "ana": "Ana Moreira",
        "ZOE": "Zo\u00e9 D'\u00c1vila",
        "davi": "Davi",
    }
    assert profile.user("ana")["icon"]["state"] == "green"  # no link was ended
    assert profile.user("davi")["situation"] == "inactive"
    assert profile.user("ZOE")["link"]["state"] == "not_linked"
    before = profile.status().users
    again = profile.must("users", "import", path, *profile.acting)
    assert "Added: 0. Names changed: 0. E-mails noted: 0. Already there: 4. Wrong: 0." in again.out
    assert [user.name for user in profile.status().users] == [user.name for user in before]

    profile.must("users", "rename", "ANA", "--name", "Ana M. Moreira", *profile.acting)
    assert names(profile)["ana"] == "Ana M. Moreira"
    refused = profile.cli("users", "rename", "ana", "--name", " ", *profile.acting)
    assert (refused.code, refused.err.split(":")[0]) == (2, "user.bad_name")

    found = profile.must("users", "export", "ZOE", *profile.acting).json()
    assert found["links"][0]["expected_email"] == BRUNO
    word = password_of(BRUNO) + "\n"
    linked = profile.cli("link", "zoe", "--password-stdin", *profile.acting, input=word)
    assert (linked.code, BRUNO in linked.err) == (0, True)  # told before the password is asked for
    assert profile.user("ZOE")["onvio_email"] == BRUNO
    profile.must("users", "import", listed(profile, f"davi;Davi;;;{CARLA}"), *profile.acting)
    other = ("--email", BRUNO, "--password-stdin")
    done = profile.cli("link", "davi", *other, *profile.acting, input=word)
    assert (done.code, CARLA in done.err) == (4, True)


def test_bad_lines_are_named_and_nothing_is_imported_unless_they_are_skipped(
    profile: Profile,
) -> None:
    profile.set_up()
    profile.set(UI__LANGUAGE="pt_BR")  # the command's; the agent was started in English
    path = listed(
        profile,
        "zoe;Zoe;;;zoe@x.example",
        "rui;Rui;Gerente;;",
        '=HYPERLINK("http://x");Rui;;;',
        "ivo;Ivo\x1b[2J\u202e;;;ivo.x.example",
        "ZOE;Outra;;;",
    )
    refused = profile.cli("users", "import", path, *profile.acting)
    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith("import.bad_lines: Nada foi importado: linhas com erro: 4.")
    for place in (
        "linha 3, coluna perfil: ",
        "linha 4, coluna login: ",
        "linha 5, coluna nome: ",
        "linha 5, coluna e-mail: ",
        "linha 6, coluna login: ",
    ):
        assert place in refused.err
    assert "\x1b" not in refused.err
    assert refused.err.count("Corrija a linha na lista") == 1  # after the last that it is for
    assert list(names(profile)) == [MANAGER]
    dry = profile.cli("users", "import", path, "--dry-run", *profile.acting)
    assert (dry.code, dry.out, dry.err) == (4, "", refused.err)
    done = profile.cli("users", "import", path, "--skip-bad", *profile.acting)
    assert done.code == 0
    assert (
        "Incluídos: 1. Nomes alterados: 0. E-mails anotados: 0. Já cadastrados: 0. Com erro: 4."
        in done.out
    )
    assert "linha 6, coluna login: " in done.err
    assert names(profile)["zoe"] == "Zoe"
    assert len(names(profile)) == 2


def test_json_is_one_document_whether_or_not_it_was_done(profile: Profile) -> None:
    profile.set_up()
    path = listed(profile, "zoe;Zoe;;;zoe@x.example", "rui;;;;")
    refused = profile.cli("users", "import", path, "--json", *profile.acting)
    assert refused.code == 4
    assert refused.err.startswith("import.bad_lines: ")
    (wrong,) = refused.json()["bad"]
    assert (wrong["line"], wrong["column"], wrong["code"]) == (3, "nome", "import.cell_empty")
    done = profile.must("users", "import", path, "--json", "--skip-bad", *profile.acting)
    report = done.json()
    assert (report["saved"], report["dry_run"], report["encoding"]) == (True, False, "utf-8")
    assert [user["login"] for user in report["users"]] == ["zoe"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import.empty"),
        (HEAD.encode(), "import.empty"),
        (b"login;nome\nana;Ana\n", "import.columns"),
        (f"{HEAD};LOGIN\nana;Ana;;;;\n".encode(), "import.column_twice"),
        (f"{HEAD}\nana;Ana;;;\n".encode("utf-16"), "import.encoding"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0", "import.columns"),
        (HEAD.encode() + b"\n" + b"a;b;;;\n" * 1001, "import.too_large"),
        (b"x" * 300_000, "import.too_large"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_its_reason(
    lonely: Profile, data: bytes, code: str
) -> None:
    lonely.set_up(start=False)
    lonely.start(online=False)
    path = lonely.home_dir / "lista.csv"
    path.write_bytes(data)
    for more in ((), ("--dry-run",), ("--skip-bad", "--json")):
        done = lonely.cli("users", "import", str(path), *more, *lonely.acting)
        assert (done.code, done.out) == (4, "")
        assert done.err.startswith(f"{code}: ")
        assert "\n→ " in done.err


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    for path in (tmp_path / "missing.csv", tmp_path):
        done = profile.cli("users", "import", str(path))
        assert (done.code, done.out) == (2, "")
        assert str(path) in done.err
