"""A sign-in in two steps: ONVIO has asked for a second factor, and a person will give its code.

Open dialogues live in memory only, for as long as ONVIO waits. Each is named by a token that only
whoever began it was given. A code is presented once for each time that a person gives one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from onvio_agent.actions.confirm_portal import confirm_portal
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.link import link
from onvio_agent.actions.sign_in import Asked, Code, Password, Proof, SecondFactorAsked
from onvio_agent.chance import new_token
from onvio_agent.errors import AgentError, Refused
from onvio_agent.office.model import User, text_key

OPEN_S = 600.0
"""So long does ONVIO wait for the code."""

_LEAVES_OPEN = ("auth.wrong_code",)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done once ONVIO has said whose account it is."""

    what: Literal["link", "portal"]
    actor: Actor
    login: str
    administrator_confirmed: bool = False


class Dialogue(msgspec.Struct, kw_only=True):
    """One that waits for a code. `ends_at` on the clock that cannot be set.

    `in_use`: a code has just been presented; nobody else presents one meanwhile.
    """

    id: str
    wish: Wish
    asked: Asked
    ends_at: float
    in_use: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """`recovery_code`: the person's next one, where one was spent. It is kept nowhere."""

    user: User
    recovery_code: str | None = None


async def begin(desk: Desk, wish: Wish, email: str, password: str) -> User | Dialogue:
    """The user as linked or confirmed, or the dialogue that waits for a code.

    One dialogue for each user and purpose: a newer one takes its place.
    """
    began_at = desk.clock.mono()
    try:
        return await _fulfil(desk, wish, Password(email, password))
    except SecondFactorAsked as more:
        dialogue = Dialogue(
            id=new_token(desk.entropy), wish=wish, asked=more.asked, ends_at=began_at + OPEN_S
        )
    for each in _open(desk):
        if _key(each.wish) == _key(wish):
            del desk.dialogues[each.id]
    desk.dialogues[dialogue.id] = dialogue
    desk.log.info("signin.code_asked", user=wish.login, kind=dialogue.asked.authenticator.kind)
    return dialogue


async def give_code(desk: Desk, dialogue_id: str, code: str) -> Done:
    """Go on with a code. A wrong one leaves the dialogue open, as does trouble on the way.

    Raises `Refused('signin.expired')` where no such dialogue is open. Where ONVIO has exchanged the
    recovery code and yet the wish is refused, the error's fields hold the next one.
    """
    dialogue = next((each for each in _open(desk) if each.id == dialogue_id), None)
    if dialogue is None or dialogue.in_use:
        raise Refused("signin.expired")
    proof = Code(dialogue.asked, code)
    dialogue.in_use = True
    try:
        user = await _fulfil(desk, dialogue.wish, proof)
    except AgentError as error:
        if isinstance(error, Refused) and error.code not in _LEAVES_OPEN:
            cancel(desk, dialogue_id)
        if proof.next_recovery_code is not None:
            error.fields["recovery_code"] = proof.next_recovery_code
        raise
    finally:
        dialogue.in_use = False
    cancel(desk, dialogue_id)
    return Done(user=user, recovery_code=proof.next_recovery_code)


def cancel(desk: Desk, dialogue_id: str) -> None:
    """End a dialogue; one that is not open has ended already."""
    desk.dialogues.pop(dialogue_id, None)


def left_s(desk: Desk, dialogue: Dialogue) -> float:
    """Seconds until it ends by itself."""
    return max(0.0, dialogue.ends_at - desk.clock.mono())


async def _fulfil(desk: Desk, wish: Wish, proof: Proof) -> User:
    if wish.what == "portal":
        return await confirm_portal(desk, wish.actor, wish.login, proof)
    return await link(
        desk,
        wish.actor,
        wish.login,
        proof,
        administrator_confirmed=wish.administrator_confirmed,
    )


def _open(desk: Desk) -> list[Dialogue]:
    """Those that have not ended; drops the others."""
    now = desk.clock.mono()
    for each in list(desk.dialogues.values()):
        if each.ends_at <= now:
            del desk.dialogues[each.id]
    return list(desk.dialogues.values())


def _key(wish: Wish) -> tuple[str, str]:
    return wish.what, text_key(wish.login)
