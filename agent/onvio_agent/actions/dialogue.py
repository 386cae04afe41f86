"""A sign-in that takes more than one step: a browser, a code, or a password that is not taken yet.

Open dialogues live in memory only, for ten minutes at most. Each is named by a token that only whoever
began it was given. A code is presented once for each time that a person gives one. A password is held
only where the person says that it was just reset (S12), and dropped with the dialogue.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from onvio_agent.actions.confirm_portal import confirm_portal
from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.actions.landing import Browser
from onvio_agent.actions.link import link
from onvio_agent.actions.sign_in import Asked, Code, Password, Proof, SecondFactorAsked
from onvio_agent.chance import new_token
from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.office.model import User, text_key

OPEN_S = 600.0
"""So long does ONVIO wait for a code, and so long is a password held at most."""

WAITS = (1, 2, 4)
"""How long the waits before another try are, in units of `retry.after_reset_s`: one minute each."""

_LEAVES_OPEN = ("auth.wrong_code",)
_MAY_PASS = ("auth.wrong_password", "link.not_online", "onvio.on_hold")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done once ONVIO has said whose account it is."""

    what: Literal["link", "portal"]
    actor: Actor
    login: str
    administrator_confirmed: bool = False
    office_confirmed: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """`recovery_code`: the person's next one, where one was spent. It is kept nowhere."""

    user: User
    recovery_code: str | None = None


class Dialogue(msgspec.Struct, kw_only=True):
    """One that is open. `ends_at` and `tries` are instants on the clock that cannot be set.

    Either `asked` is what the person is asked for, or `held` is tried again at each of `tries`, or
    `browser` is where the person signs in, or `outcome` waits to be looked at. `in_use`: ONVIO is being
    asked, and nobody else asks meanwhile.
    """

    id: str
    wish: Wish
    ends_at: float
    asked: Asked | None = None
    held: Password | None = None
    browser: Browser | None = None
    tries: tuple[float, ...] = ()
    outcome: Done | AgentError | None = None
    in_use: bool = False

    def __repr__(self) -> str:
        return f"<Dialogue to {self.wish.what}>"


async def begin(
    desk: Desk, wish: Wish, email: str, password: str, *, just_reset: bool = False
) -> User | Dialogue:
    """The user as linked or confirmed, or the dialogue that is needed for it.

    One dialogue for each user and purpose: a newer sign-in takes the place of an older one.
    `just_reset`: a refused password is held and tried again; otherwise a refusal is final.
    """
    began_at = desk.clock.mono()
    _make_room(desk, wish)
    proof = Password(email, password)
    dialogue = Dialogue(id=new_token(desk.entropy), wish=wish, ends_at=began_at + OPEN_S)
    try:
        return await fulfil(desk, wish, proof)
    except SecondFactorAsked as more:
        _ask_for_code(desk, dialogue, more.asked)
    except Refused as refused:
        if not just_reset or refused.code != "auth.wrong_password":
            raise
        _hold(desk, dialogue, proof)
    desk.dialogues[dialogue.id] = dialogue
    desk.kick_dialogues()
    return dialogue


def open_in_place_of(desk: Desk, dialogue: Dialogue) -> None:
    """Open `dialogue`, which ends an older one for the same user and purpose."""
    _make_room(desk, dialogue.wish)
    desk.dialogues[dialogue.id] = dialogue
    desk.kick_dialogues()


def _make_room(desk: Desk, wish: Wish) -> None:
    for each in open_dialogues(desk):
        if _key(each.wish) == _key(wish):
            cancel(desk, each.id)


async def give_code(desk: Desk, dialogue_id: str, code: str) -> Done:
    """Go on with a code. A wrong one leaves the dialogue open, as does trouble on the way.

    Raises `Refused('signin.expired')` where no such dialogue is open. Where ONVIO has exchanged the
    recovery code and yet the wish is refused, the error's fields hold the next one.
    """
    dialogue = find(desk, dialogue_id)
    if dialogue.in_use or dialogue.asked is None:
        raise Refused("signin.expired")
    proof = Code(dialogue.asked, code)
    dialogue.in_use = True
    try:
        user = await fulfil(desk, dialogue.wish, proof)
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


async def try_again(desk: Desk, dialogue: Dialogue) -> None:
    """One more try with the password that is held; it is dropped unless another is to follow."""
    now = desk.clock.mono()
    held, dialogue.tries = dialogue.held, tuple(due for due in dialogue.tries if due > now)
    if held is None or dialogue.in_use:
        return
    dialogue.in_use = True
    try:
        dialogue.outcome = Done(user=await fulfil(desk, dialogue.wish, held))
    except SecondFactorAsked as more:
        _ask_for_code(desk, dialogue, more.asked)
    except AgentError as error:
        final = isinstance(error, Refused) and error.code not in _MAY_PASS
        dialogue.outcome = error if final or not dialogue.tries else None
    except Exception as error:
        desk.crashed("try_again", error)
        dialogue.outcome = Failed("internal.error")
    finally:
        dialogue.in_use = False
    if dialogue.outcome is not None:
        dialogue.held = None


def look(desk: Desk, dialogue_id: str) -> Dialogue | Done:
    """How it stands. What has come of it is told once: the user, or raised as it was refused.

    Raises `Refused('signin.expired')` where no such dialogue is open.
    """
    dialogue = find(desk, dialogue_id)
    if dialogue.outcome is None:
        return dialogue
    cancel(desk, dialogue_id)
    if isinstance(dialogue.outcome, AgentError):
        raise dialogue.outcome
    return dialogue.outcome


def cancel(desk: Desk, dialogue_id: str) -> None:
    """End a dialogue and drop what it holds; one that is not open has ended already."""
    dialogue = desk.dialogues.pop(dialogue_id, None)
    if dialogue is not None:
        dialogue.held, dialogue.tries = None, ()
        if dialogue.browser is not None:
            dialogue.browser.landing.close()


def cancel_all(desk: Desk) -> None:
    """End every dialogue."""
    for dialogue_id in list(desk.dialogues):
        cancel(desk, dialogue_id)


def find(desk: Desk, dialogue_id: str) -> Dialogue:
    """The open dialogue of that name, or `Refused('signin.expired')`."""
    for each in open_dialogues(desk):
        if each.id == dialogue_id:
            return each
    raise Refused("signin.expired")


def open_dialogues(desk: Desk) -> list[Dialogue]:
    """Those that have not ended, oldest first; drops the others, and what they hold."""
    now = desk.clock.mono()
    for each in list(desk.dialogues.values()):
        if each.ends_at <= now:
            cancel(desk, each.id)
    return list(desk.dialogues.values())


def _ask_for_code(desk: Desk, dialogue: Dialogue, asked: Asked) -> None:
    dialogue.asked, dialogue.held, dialogue.tries = asked, None, ()
    dialogue.ends_at = desk.clock.mono() + OPEN_S
    kind = asked.authenticator.kind
    desk.log.info("signin.code_asked", user=dialogue.wish.login, kind=kind)


def _hold(desk: Desk, dialogue: Dialogue, password: Password) -> None:
    unit_s = desk.settings.retry.after_reset_s
    now = desk.clock.mono()
    dialogue.held = password
    dialogue.tries = tuple(now + unit_s * sum(WAITS[:count]) for count in (1, 2, 3))
    desk.log.info("signin.waiting", user=dialogue.wish.login, tries=len(dialogue.tries))


async def fulfil(desk: Desk, wish: Wish, proof: Proof) -> User:
    """Do what was wished for, with this proof of who the person is. Raises what it is refused for."""
    if wish.what == "portal":
        return await confirm_portal(desk, wish.actor, wish.login, proof)
    return await link(
        desk,
        wish.actor,
        wish.login,
        proof,
        administrator_confirmed=wish.administrator_confirmed,
        office_confirmed=wish.office_confirmed,
    )


def _key(wish: Wish) -> tuple[str, str]:
    return wish.what, text_key(wish.login)
