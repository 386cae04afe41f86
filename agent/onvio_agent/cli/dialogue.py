"""A sign-in of more than one step on a terminal: countdown of S12, second factor, wait for a browser.

A sign-in that is not completed is given up, so that nothing stays open in the agent.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from onvio_agent.cli.output import show_refusal
from onvio_agent.cli.passwords import read_code
from onvio_agent.errors import AgentError, Refused
from onvio_agent.i18n import _, ngettext
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.client import Agent
    from onvio_agent.contract.sign_in import OpenDialogue, SecondFactor, SignedIn
    from onvio_agent.contract.status import UserStatus

F = TypeVar("F", bound=Callable[..., Any])

_TRIES = 3  # ONVIO blocks the account after some more
_LOOK_S = 1.0  # a countdown shows seconds
_LAST_LOOK_S = 0.1
_BROWSER_LOOK_S = 0.3  # whoever has just closed the page looks at the terminal


def just_reset_option(function: F) -> F:
    """`--just-reset`, passed on as `just_reset`."""
    option = click.option(
        "--just-reset",
        "just_reset",
        is_flag=True,
        help=_("Acabei de redefinir a senha / ativar a conta: try again for some minutes."),
    )
    return option(function)


def complete(
    agent: Agent, login: str, answer: UserStatus | OpenDialogue, *, from_stdin: bool
) -> UserStatus:
    """The user, once ONVIO takes the password and has the code that it asks for.

    Raises what it was refused for; `Refused('link.second_factor')` where there is nobody to ask.
    """
    from onvio_agent.contract.sign_in import OpenDialogue

    if not isinstance(answer, OpenDialogue):
        return answer
    with given_up_unless_done(agent, answer.id):
        done = _go_on(agent, login, answer, from_stdin=from_stdin)
    _show_recovery_code(done.recovery_code)
    return done.user


@contextlib.contextmanager
def given_up_unless_done(agent: Agent, dialogue_id: str) -> Iterator[None]:
    """Give that sign-in up on whatever ends this early, Ctrl-C too."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(AgentError):
            agent.cancel_dialogue(dialogue_id)
        if isinstance(error, AgentError):
            _show_recovery_code(error.fields.get("recovery_code"))
        raise


def _go_on(agent: Agent, login: str, dialogue: OpenDialogue, *, from_stdin: bool) -> SignedIn:
    from onvio_agent.contract.sign_in import SignedIn

    now = _wait(agent, dialogue)
    if isinstance(now, SignedIn):
        return now
    if not from_stdin and not sys.stdin.isatty():
        raise Refused("link.second_factor", login=login)
    return _ask(agent, now.id, now.second_factor, from_stdin=from_stdin)


def _wait(agent: Agent, dialogue: OpenDialogue) -> OpenDialogue | SignedIn:
    """Until a password that was just reset is taken, a browser is back, or a code is asked for."""
    from onvio_agent.contract.sign_in import OpenDialogue

    now: OpenDialogue | SignedIn = dialogue
    told = None
    while isinstance(now, OpenDialogue) and now.second_factor is None:
        if now.browser_url is not None:
            time.sleep(_BROWSER_LOOK_S)
            now = agent.dialogue(dialogue.id)
            continue
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{_countdown(now)}", nl=False, err=True)
        elif now.tries_left != told:
            click.echo(_countdown(now), err=True)
        told = now.tries_left
        left_s = now.next_try_in_s
        time.sleep(_LOOK_S if left_s is not None and left_s > _LOOK_S else _LAST_LOOK_S)
        now = agent.dialogue(dialogue.id)
    if told is not None and sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return now


def _countdown(dialogue: OpenDialogue) -> str:
    if dialogue.next_try_in_s is None:
        return _("Trying for the last time…")
    seconds = math.ceil(dialogue.next_try_in_s)
    left = ngettext("{n} try left", "{n} tries left", dialogue.tries_left)
    text = _("ONVIO does not take the password yet. Next try in {time}, {tries}; Ctrl-C gives up.")
    return text.replace("{time}", f"{seconds // 60}:{seconds % 60:02d}").replace(
        "{tries}", left.replace("{n}", str(dialogue.tries_left))
    )


def _ask(
    agent: Agent, dialogue_id: str, asked: SecondFactor | None, *, from_stdin: bool
) -> SignedIn:
    if asked is not None:
        click.echo(_explanation(asked), err=True)
    for left in reversed(range(1 if from_stdin else _TRIES)):
        code = read_code(_("Code"), from_stdin=from_stdin)
        try:
            return agent.give_code(dialogue_id, code)
        except Refused as refused:
            if refused.code != "auth.wrong_code" or not left:
                raise
            show_refusal(refused)
    raise AssertionError("the last try returns or raises")


def _explanation(asked: SecondFactor) -> str:
    if asked.kind == "recovery-code":
        return _("ONVIO asks for a recovery code.")
    if asked.kind == "otp":
        text = _("ONVIO asks for the code that the authenticator app shows.")
    elif asked.sent_to:
        text = _("ONVIO has sent a code to {address}.").replace("{address}", clean(asked.sent_to))
    else:
        text = _("ONVIO has sent a code.")
    if asked.takes_recovery_code:
        text += " " + _("A recovery code does too.")
    return text


def _show_recovery_code(code: object) -> None:
    if code:
        text = _("The recovery code is spent. The next one: {code} (write it down now)")
        click.echo(text.replace("{code}", clean(str(code))), err=True)
