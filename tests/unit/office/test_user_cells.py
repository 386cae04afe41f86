"""One line of a list: what each cell may be."""

from __future__ import annotations

import pytest

from onvio_agent.contract import reasons
from onvio_agent.office.user_cells import Cells, column_of, plain, read_cells


def faults(**changed: str) -> list[tuple[str | None, str]]:
    """Columns and codes of what is wrong with an otherwise good line."""
    good = {"login": "ana", "name": "Ana", "role": "", "situation": "", "email": ""}
    _row, wrong = read_cells(7, Cells(**(good | changed)))
    assert all(fault.line == 7 and reasons.get(fault.code) for fault in wrong)
    return [(fault.column, fault.code) for fault in wrong]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("login", "login"),
        ("LOGIN", "login"),
        ("Situação", "situação"),
        ("SITUACAO", "situação"),
        ("situac\u0327a\u0303o", "situação"),
        ("E-mail", "e-mail"),
        ("email", "e-mail"),
        ("telefone", None),
        ("", None),
    ],
)
def test_columns_are_known_without_case_and_accents(name: str, column: str | None) -> None:
    assert column_of(name) == column


def test_a_cell_is_composed_and_its_blanks_are_one() -> None:
    assert plain("\t Ana\u00a0 Jose\u0301\r ") == "Ana Jos\u00e9"


@pytest.mark.parametrize(
    ("role", "manager"), [("", None), ("Gerente", True), ("USUÁRIO", False), ("usuario", False)]
)
def test_perfil_is_gerente_or_usuario_or_says_nothing(role: str, manager: bool | None) -> None:
    cells = Cells(login="ana", name="Ana", role=role, situation="", email="")
    assert read_cells(1, cells)[0].manager is manager
    assert not faults(role=role)


@pytest.mark.parametrize(
    ("situation", "active"), [("", None), ("Ativo", True), ("INATIVO", False), ("ativo", True)]
)
def test_situation_is_ativo_or_inativo_or_says_nothing(situation: str, active: bool | None) -> None:
    cells = Cells(login="ana", name="Ana", role="", situation=situation, email="")
    assert read_cells(1, cells)[0].active is active
    assert not faults(situation=situation)


@pytest.mark.parametrize(
    ("cell", "value", "column", "code"),
    [
        ("login", "", "login", "import.cell_empty"),
        ("login", "ana maria", "login", "import.login"),
        ("login", "a\u202ena", "login", "import.cell_unprintable"),
        ("login", "a" * 201, "login", "import.cell_too_long"),
        ("login", "=cmd|'/c calc'!A1", "login", "import.formula"),
        ("login", "-x", "login", "import.formula"),
        ("name", "", "nome", "import.cell_empty"),
        ("name", "Ana\x1b[2J", "nome", "import.cell_unprintable"),
        ("name", "A\u200bna", "nome", "import.cell_unprintable"),
        ("name", "+55 11", "nome", "import.formula"),
        ("name", "n" * 201, "nome", "import.cell_too_long"),
        ("role", "Chefe", "perfil", "import.perfil"),
        ("role", "-", "perfil", "import.perfil"),
        ("role", "Ger-ente", "perfil", "import.perfil"),
        ("situation", "Ati\u200bvo", "situação", "import.cell_unprintable"),
        ("situation", "Férias", "situação", "import.situation"),
        ("email", "ana", "e-mail", "import.email"),
        ("email", "ana@office", "e-mail", "import.email"),
        ("email", "ana@@office.example", "e-mail", "import.email"),
        ("email", "a na@office.example", "e-mail", "import.email"),
        ("email", "ana@office.example.", "e-mail", "import.email"),
        ("email", "@office.example", "e-mail", "import.formula"),
        ("email", "a@" + "b" * 320 + ".c", "e-mail", "import.cell_too_long"),
    ],
)
def test_what_is_wrong_is_named_with_its_column(
    cell: str, value: str, column: str, code: str
) -> None:
    assert faults(**{cell: value}) == [(column, code)]


def test_all_that_is_wrong_with_a_line_is_named_in_the_order_of_the_columns() -> None:
    wrong = faults(login="", name="=1", role="x", situation="x", email="x")
    assert [column for column, _code in wrong] == ["login", "nome", "perfil", "situação", "e-mail"]


def test_a_message_repeats_no_more_than_the_beginning_of_a_wrong_value() -> None:
    cells = Cells(login="ana", name="Ana", role="x" + "y" * 500, situation="", email="")
    (fault,) = read_cells(1, cells)[1]
    value = str(fault.fields["value"])
    assert value.startswith("xyy")
    assert len(value) == 80
