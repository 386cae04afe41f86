"""The ways in which `link` and `portal` prove who somebody is: e-mail and password, or the browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from onvio_agent.cli.by_browser import browser_option, sign_in_by_browser
from onvio_agent.cli.dialogue import complete, just_reset_option
from onvio_agent.cli.output import show_refusal
from onvio_agent.cli.passwords import otp_option, password_option, read_password
from onvio_agent.errors import Refused
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.client import Agent
    from onvio_agent.contract.status import UserStatus

F = TypeVar("F", bound=Callable[..., Any])


class Ways(NamedTuple):
    """What the options said."""

    email: str | None
    from_stdin: bool
    otp_from_stdin: bool
    just_reset: bool
    by_browser: bool

    def check(self) -> None:
        """Raises click.UsageError where they do not fit together; before anybody is asked anything."""
        if self.by_browser and (self.from_stdin or self.otp_from_stdin or self.just_reset):
            raise click.UsageError(_("With --browser the password is typed in the browser alone."))


def way_options(email_help: str) -> Callable[[F], F]:
    """`--email`, `--password-stdin`, `--otp-stdin`, `--just-reset`, `--browser`: the fields of `Ways`."""

    def decorate(function: F) -> F:
        email = click.option("--email", metavar="E-MAIL", help=email_help)
        return email(password_option(otp_option(just_reset_option(browser_option(function)))))

    return decorate


def sign_in(agent: Agent, login: str, what: str, ways: Ways, **vouched: bool) -> UserStatus:
    """The user, signed in for a `link` or a `portal`. Raises what it was refused for.

    `vouched`, for a link: `administrator_confirmed`, `office_confirmed`.
    """
    ways = ways._replace(email=_email(agent, login, ways))
    if not ways.by_browser:
        try:
            return _by_password(agent, login, what, ways, vouched)
        except Refused as refused:
            if refused.code != "auth.grant_refused" or not _wants_browser(refused):
                raise
    return sign_in_by_browser(agent, login, what, email=ways.email, **vouched)


def _email(agent: Agent, login: str, ways: Ways) -> str | None:
    """What was given, or else what is known of the user: linked with it, or expected by a list."""
    user = agent.user(login)
    known, expected = user["onvio_email"] or user["expected_email"], user["expected_email"]
    if ways.email is None and known is not None:
        click.echo(_("E-mail: {email}").replace("{email}", clean(known)), err=True)
    elif ways.email is None and not ways.by_browser:
        raise click.UsageError(_("Give --email E-MAIL, or --browser."))
    elif ways.email is not None and expected is not None and not _same(ways.email, expected):
        text = _("The imported list has another e-mail for this user: {email}")
        click.echo(text.replace("{email}", clean(expected)), err=True)
    return ways.email or known


def _same(one: str, other: str) -> bool:
    from onvio_agent.office.model import text_key  # not needed for help

    return text_key(one) == text_key(other)


def _by_password(
    agent: Agent, login: str, what: str, ways: Ways, vouched: dict[str, bool]
) -> UserStatus:
    email = ways.email or ""
    password = read_password(_("Senha (of ONVIO, not of Domínio)"), from_stdin=ways.from_stdin)
    if what == "portal":
        answer = agent.confirm_portal(login, email, password, just_reset=ways.just_reset)
    else:
        answer = agent.link(
            login,
            email,
            password,
            just_reset=ways.just_reset,
            **vouched,
        )
    return complete(agent, login, answer, from_stdin=ways.otp_from_stdin)


def _wants_browser(refused: Refused) -> bool:
    """Offered where a person sits; a program reads the next step."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    show_refusal(refused)
    return click.confirm(_("Sign in by browser (Entrar pelo navegador)?"), default=True, err=True)
