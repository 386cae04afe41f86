"""A list's bytes: every encoding, separator and order says the same; hostile ones cost one refusal."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.contract import reasons
from onvio_agent.errors import Refused
from onvio_agent.office.model import text_key
from onvio_agent.office.user_cells import COLUMNS, Row
from onvio_agent.office.user_list import FILE_MAX_BYTES, LINE_MAX, LINES_MAX, UserList, read_list

HEAD = "login;nome;perfil;situação;e-mail"
ANA = Row(line=2, login="ana", name="Ana", manager=False, active=True, email="ana@x.example")
ANA_LINE = "ana;Ana;Usuário;Ativo;ana@x.example"
GOOD = f"{HEAD}\n{ANA_LINE}\n"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=rf"^{code.replace('.', '[.]')}:")


def lines(*below: str, head: str = HEAD) -> UserList:
    return read_list("\n".join((head, *below)).encode())


def faults(listed: UserList) -> list[tuple[int, str | None, str]]:
    return [(fault.line, fault.column, fault.code) for fault in listed.faults]


# -- what is read

# Letters of both encodings; those that Windows-1252 has below 0xC0 could look like UTF-8 after an Â.
letters = st.characters(codec="latin-1", categories=("Lu", "Ll"), exclude_characters="\u00b5")
words = st.text(letters, min_size=1, max_size=12)
quoted = st.sampled_from([" ", ' "', "; ", ", ", " d'"])
names = st.builds("{}{}{}".format, words, quoted, words)
rows = st.builds(
    Row,
    line=st.just(0),
    login=words,
    name=names,
    manager=st.sampled_from([None, True, False]),
    active=st.sampled_from([None, True, False]),
    email=st.none() | st.builds("{}@{}.example".format, words, words),
)
lists = st.lists(rows, min_size=1, max_size=8, unique_by=(
    lambda row: text_key(row.login), lambda row: text_key(row.email or row.login),
))  # fmt: skip
orders = st.permutations(list(COLUMNS))


def cells_of(row: Row) -> dict[str, str]:
    return {
        "login": row.login,
        "nome": row.name,
        "perfil": {None: "", True: "Gerente", False: "Usuário"}[row.manager],
        "situação": {None: "", True: "Ativo", False: "Inativo"}[row.active],
        "e-mail": row.email or "",
    }


def written(people: Sequence[Row], order: Sequence[str], separator: str, end: str) -> str:
    """The list as a spreadsheet would write it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerow(order)
    writer.writerows([cells_of(row)[column] for column in order] for row in people)
    return out.getvalue()


@given(
    people=lists,
    order=orders,
    separator=st.sampled_from(";,"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_encodings_separators_and_orders_all_say_the_same(
    people: list[Row], order: list[str], separator: str, end: str, encoding: str
) -> None:
    listed = read_list(written(people, order, separator, end).encode(encoding))
    assert listed.faults == ()
    assert listed.separator == separator
    read = [Row(line=0, **{f: getattr(row, f) for f in Row.__struct_fields__[1:]}) for row in listed.rows]  # fmt: skip
    assert read == people
    assert [row.line for row in listed.rows] == list(range(2, len(people) + 2))


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: (HEAD + "\n" + text).encode("utf-8", "surrogatepass")))  # fmt: skip
def test_any_bytes_are_a_list_or_a_refusal_of_the_catalogue(data: bytes) -> None:
    try:
        listed = read_list(data)
    except Refused:  # of the catalogue by its making
        return
    for fault in listed.faults:
        assert reasons.get(fault.code)
        assert fault.line > 1
    for row in listed.rows:
        assert row.login.isprintable()
        assert row.name.isprintable()


def test_windows_1252_is_told_from_utf_8() -> None:
    assert (lines(ANA_LINE).encoding, lines(ANA_LINE).rows) == ("utf-8", (ANA,))
    listed = read_list(GOOD.replace("Ana;", "Jos\u00e9 \u2013 \u20ac;", 1).encode("cp1252"))
    assert (listed.encoding, listed.rows[0].name) == ("windows-1252", "Jos\u00e9 \u2013 \u20ac")


def test_capitals_in_windows_1252_are_not_taken_for_broken_utf_8() -> None:
    listed = read_list(GOOD.replace("Ana;", "JO\u00c3O \u00c2NGELO;", 1).encode("cp1252"))
    assert listed.rows[0].name == "JO\u00c3O \u00c2NGELO"


def test_the_first_line_is_read_without_case_and_accents() -> None:
    assert lines("x@x.example,ana,Ana,,", head="E-MAIL,Login, NOME ,Perfil,Situacao").rows


def test_columns_that_mean_nothing_are_left_aside_and_named() -> None:
    listed = lines("5;" + ANA_LINE + ";;", head=f"ramal;{HEAD};Obs\u202e;")
    assert listed.rows == (ANA,)
    assert listed.ignored == ("ramal", "Obs")


def test_empty_lines_and_empty_ends_are_no_users() -> None:
    listed = lines("", ";;;;", ANA_LINE + ";;;", "   ", '"";"";;;')
    assert listed.faults == ()
    assert [row.line for row in listed.rows] == [4]


# -- what is wrong with a line


def test_a_quotation_mark_that_is_left_open_spoils_its_line_alone() -> None:
    listed = lines('bia;"Bia;;;', ANA_LINE, 'caio;"Caio"s;;;')
    assert faults(listed) == [(2, None, "import.quotes"), (4, None, "import.quotes")]
    assert [row.login for row in listed.rows] == ["ana"]


def test_a_line_has_a_cell_for_each_column() -> None:
    listed = lines("bia;Bia", "caio;Caio;;;;caio@x.example", "dora;Dora;;;")
    assert faults(listed) == [(2, None, "import.cells"), (3, None, "import.cells")]
    assert listed.faults[0].fields == {"found": 2, "expected": 5}


def test_a_login_or_an_email_that_comes_again_is_named_with_its_first_line() -> None:
    listed = lines(ANA_LINE, "ANA;Outra;;;", "bia;Bia;;;ANA@X.example", "caio;Caio;;;")
    assert faults(listed) == [(3, "login", "import.login_twice"), (4, "e-mail", "import.email_twice")]  # fmt: skip
    assert [fault.fields["first"] for fault in listed.faults] == [2, 2]
    assert [row.login for row in listed.rows] == ["ana", "caio"]


def test_a_login_is_the_same_composed_or_not() -> None:
    assert faults(lines("jos\u00e9;J;;;", "jose\u0301;J;;;")) == [(3, "login", "import.login_twice")]  # fmt: skip


def test_a_huge_line_spoils_itself_alone() -> None:
    listed = lines("bia;" + "B" * LINE_MAX + ";;;", ANA_LINE)
    assert faults(listed) == [(2, None, "import.line_too_long")]
    assert [row.login for row in listed.rows] == ["ana"]


def test_a_zero_byte_spoils_its_line_alone() -> None:
    listed = lines("bia;B\0ia;;;", "caio;Caio;Ger\0ente;;", ANA_LINE)
    assert faults(listed) == [
        (2, "nome", "import.cell_unprintable"),
        (3, "perfil", "import.cell_unprintable"),
    ]
    assert [row.login for row in listed.rows] == ["ana"]


def test_several_faults_of_one_line_are_all_told() -> None:
    assert len(lines("=1;;x;y;z").faults) == 5


# -- what is wrong with the whole


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-le"),
        GOOD.encode("utf-16-be"),
        GOOD.encode().replace(b"nome", b"no\0me"),
        b"\xef\xbb\xbf" + GOOD.encode("cp1252"),  # says UTF-8 and is not
        GOOD.encode() + "Jo\u00e3o".encode("cp1252"),  # half of each
        b"\x81\x8d" + GOOD.encode("cp1252"),
        b"PK\x03\x04\x14\x00\x06\x00",  # a spreadsheet's own file
    ],
)
def test_what_is_neither_utf_8_nor_windows_1252_is_refused(data: bytes) -> None:
    with refused("import.encoding"):
        read_list(data)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n  \n", HEAD.encode(), (HEAD + "\n;;;;").encode()])  # fmt: skip
def test_a_list_without_users_is_refused(data: bytes) -> None:
    with refused("import.empty"):
        read_list(data)


def test_columns_that_are_missing_are_named() -> None:
    with refused("import.columns") as caught:
        lines("ana;Ana;x", head="login;nome;email")
    assert caught.value.fields == {"columns": "perfil, situação"}  # type: ignore[attr-defined]
    with refused("import.columns"):
        lines(ANA_LINE.replace(";", "\t"), head=HEAD.replace(";", "\t"))
    with refused("import.columns"):
        lines(ANA_LINE, head='"' + HEAD)
    with refused("import.columns"):
        lines(ANA_LINE, head=HEAD + "x" * LINE_MAX)


def test_a_column_that_is_there_twice_is_refused() -> None:
    with refused("import.column_twice"):
        lines("a;A;;;;B", head=HEAD + ";NOME")


def test_too_many_lines_or_bytes_are_refused_and_as_many_as_allowed_are_read_quickly() -> None:
    many = [f"u{n};Nome {n};;;u{n}@x.example" for n in range(LINES_MAX)]
    started = time.process_time()
    assert len(lines(*many).rows) == LINES_MAX
    assert time.process_time() - started < 1
    with refused("import.too_large"):
        lines(*many, "mais;Mais;;;")
    with refused("import.too_large"):
        read_list(GOOD.encode() + b"\n" * FILE_MAX_BYTES)


def test_a_file_that_is_as_large_and_bad_as_can_be_costs_bounded_time() -> None:
    worst = [HEAD.encode() + b"\n", b"\n" * (FILE_MAX_BYTES - 200), b'"' * 100]
    started = time.process_time()
    read_list(b"".join(worst))
    long = (HEAD + "\n" + "a;b;;;" + "x@" + "a." * (LINE_MAX // 2 - 10) + "\n").encode()
    read_list(long)
    assert time.process_time() - started < 2
