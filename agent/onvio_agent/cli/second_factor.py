"""The second step of a sign-in on a terminal: what ONVIO asks for, and the person's code.

A sign-in that is not completed is given up, so that nothing stays open in the agent.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import click

from onvio_agent.cli.output import show_refusal
from onvio_agent.cli.passwords import read_code
from onvio_agent.errors import AgentError, Refused
from onvio_agent.i18n import _
from onvio_agent.plain_text import clean

if TYPE_CHECKING:
    from onvio_agent.client import Agent
    from onvio_agent.contract.sign_in import OpenDialogue, SecondFactor
    from onvio_agent.contract.status import UserStatus

_TRIES = 3  # ONVIO blocks the account after some more


def complete(
    agent: Agent, login: str, answer: UserStatus | OpenDialogue, *, from_stdin: bool
) -> UserStatus:
    """The user, once the code was given where ONVIO asks for one.

    Raises `Refused('link.second_factor')` where there is nobody to ask.
    """
    from onvio_agent.contract.sign_in import OpenDialogue

    if not isinstance(answer, OpenDialogue):
        return answer
    try:
        if not from_stdin and not sys.stdin.isatty():
            raise Refused("link.second_factor", login=login)
        return _ask(agent, answer, from_stdin=from_stdin)
    except BaseException:  # Ctrl-C too
        with contextlib.suppress(AgentError):
            agent.cancel_dialogue(answer.id)
        raise


def _ask(agent: Agent, dialogue: OpenDialogue, *, from_stdin: bool) -> UserStatus:
    click.echo(_explanation(dialogue.second_factor), err=True)
    for left in reversed(range(1 if from_stdin else _TRIES)):
        code = read_code(_("Code"), from_stdin=from_stdin)
        try:
            done = agent.give_code(dialogue.id, code)
        except Refused as refused:
            _show_recovery_code(refused.fields.get("recovery_code"))
            if refused.code != "auth.wrong_code" or not left:
                raise
            show_refusal(refused)
        else:
            _show_recovery_code(done.recovery_code)
            return done.user
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
