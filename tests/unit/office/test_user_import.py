"""What a list would change: new users and names, never a role, a situation or a link."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onvio_agent.contract.status import Situation
from onvio_agent.contract.user_import import Outcome
from onvio_agent.office.model import Link, Office
from onvio_agent.office.user_cells import Row
from onvio_agent.office.user_import import Plan, plan
from support.offices import office, user

GER = user(1, "ger", manager=True)
ANA = user(2, "ana")
GONE = msgspec.structs.replace(user(3, "ida", linked=False), situation=Situation.INACTIVE)
ALL = office(GER, ANA, GONE)


def one(at: Office, login: str, **says: object) -> Plan:
    return plan(at, [Row(line=2, login=login, name=str(says.pop("name", login)), **says)])  # type: ignore[arg-type]


def codes(made: Plan) -> list[tuple[str | None, str]]:
    assert not (made.faults and made.notes)
    return [(each.column, each.code) for each in (*made.faults, *made.notes)]


def test_who_is_not_there_is_added() -> None:
    made = one(ALL, "zoe", manager=False, active=True, email="zoe@x.example")
    assert [(step.outcome, step.user) for step in made.steps] == [(Outcome.ADDED, None)]
    assert codes(made) == []


def test_who_is_there_is_known_without_case_and_gets_another_name() -> None:
    made = one(ALL, "ANA", name="Ana Moreira")
    assert [(step.outcome, step.user) for step in made.steps] == [(Outcome.RENAMED, ANA)]
    assert one(ALL, "ana", name=ANA.name).steps[0].outcome is Outcome.UNCHANGED


def test_only_the_gerente_is_listed_as_the_gerente() -> None:
    assert codes(one(ALL, "ger", manager=True)) == []
    assert codes(one(ALL, "ger")) == []
    for wrong in (
        one(ALL, "ger", manager=False),
        one(ALL, "ana", manager=True),
        one(ALL, "zoe", manager=True),
    ):
        assert codes(wrong) == [("perfil", "import.manager")]
        assert wrong.faults[0].fields == {"login": "ger"}
        assert wrong.steps == ()


def test_another_situation_is_noted_and_not_taken_over() -> None:
    assert codes(one(ALL, "ana", active=False)) == [("situação", "import.still_active")]
    assert codes(one(ALL, "ida", active=True)) == [("situação", "import.still_inactive")]
    assert codes(one(ALL, "ana", active=True)) == []
    assert codes(one(ALL, "ida", active=False)) == []
    assert codes(one(ALL, "zoe", active=False)) == []


def test_an_email_that_is_linked_otherwise_is_noted() -> None:
    account = ANA.link.account
    assert account is not None
    assert codes(one(ALL, "ana", email=account.email.upper())) == []
    assert codes(one(ALL, "ana", email="other@x.example")) == [("e-mail", "import.email_other")]
    held = one(ALL, "zoe", email=account.email)
    assert codes(held) == [("e-mail", "import.email_held")]
    assert held.notes[0].fields == {"login": "ana"}
    assert codes(one(ALL, "ida", email="ida@x.example")) == []


def test_an_email_is_noted_for_who_is_not_linked_unless_it_is_somebody_elses() -> None:
    account = ANA.link.account
    assert account is not None
    (step,) = one(ALL, "ida", name=GONE.name, email="ida@x.example").steps
    assert (step.outcome, step.email) == (Outcome.EMAIL_NOTED, "ida@x.example")
    noted = msgspec.structs.replace(GONE, link=Link(expected_email="ida@x.example"))
    (step,) = one(office(GER, ANA, noted), "ida", name=GONE.name, email="ida@x.example").steps
    assert (step.outcome, step.email) == (Outcome.UNCHANGED, None)
    assert one(ALL, "zoe", email="zoe@x.example").steps[0].email == "zoe@x.example"
    for login, email in (
        ("zoe", account.email),
        ("ana", "other@x.example"),
        ("ana", account.email),
    ):
        assert one(ALL, login, email=email).steps[0].email is None


@given(
    st.lists(
        st.builds(
            Row,
            line=st.integers(2, 9),
            login=st.sampled_from(["ger", "ANA", "ida", "zoe", "rui"]),
            name=st.sampled_from(["X", "Y"]),
            manager=st.sampled_from([None, True, False]),
            active=st.sampled_from([None, True, False]),
            email=st.sampled_from([None, "x@x.example"]),
        ),
        unique_by=lambda row: row.login,
    )
)
def test_each_row_is_a_step_or_a_fault_and_none_touches_a_gerente_wrongly(rows: list[Row]) -> None:
    made = plan(ALL, rows)
    assert len(made.steps) + len(made.faults) == len(rows)
    for step in made.steps:
        assert step.row.manager in (None, step.user is GER)
        assert (step.user is None) == (step.outcome is Outcome.ADDED)
