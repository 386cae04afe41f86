"""Sign-ins in more than one step: how they stand, the code, the browser, and giving up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions import browser, dialogue
from onvio_agent.actions.dialogue import Dialogue, Done, Wish
from onvio_agent.actions.sign_in import Asked
from onvio_agent.api.answers import carry_out, json_response, route
from onvio_agent.api.bodies import ConfirmPortal, GiveCode, LinkUser, body_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.user_detail import status_of_user
from onvio_agent.contract.sign_in import OpenDialogue, SecondFactor, SignedIn


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "GET", "/v1/dialogues/{id}", _look),
        route(parts, "POST", "/v1/dialogues/{id}/code", _give_code),
        route(parts, "DELETE", "/v1/dialogues/{id}", _cancel),
    ]


async def begin(parts: Parts, wish: Wish, body: LinkUser | ConfirmPortal) -> object:
    """200 with the user where the password was enough, else 202 with what is waited for."""
    work = dialogue.begin(parts.desk, wish, body.email, body.password, just_reset=body.just_reset)
    result = await carry_out(parts, wish.what, work)
    if isinstance(result, Dialogue):
        return json_response(shown(parts, result), 202)
    return status_of_user(parts.desk, result)


async def begin_browser(parts: Parts, wish: Wish, email: str | None) -> object:
    """202 with the address that the person's browser has to open."""
    work = browser.begin(parts.desk, wish, email=email)
    return json_response(shown(parts, await carry_out(parts, wish.what, work)), 202)


async def _look(parts: Parts, request: Request) -> object:
    """202 while it is open; then, once, what has come of it."""
    found = dialogue.look(parts.desk, request.path_params["id"])
    if isinstance(found, Dialogue):
        return json_response(shown(parts, found), 202)
    return _signed_in(parts, found)


async def _give_code(parts: Parts, request: Request) -> object:
    body = await body_of(request, GiveCode)
    work = dialogue.give_code(parts.desk, request.path_params["id"], body.code)
    done = await carry_out(parts, "give_code", work)
    return _signed_in(parts, done)


async def _cancel(parts: Parts, request: Request) -> object:
    dialogue.cancel(parts.desk, request.path_params["id"])
    return None


def _signed_in(parts: Parts, done: Done) -> SignedIn:
    return SignedIn(user=status_of_user(parts.desk, done.user), recovery_code=done.recovery_code)


def shown(parts: Parts, opened: Dialogue) -> OpenDialogue:
    """An open dialogue as whoever began it may see it."""
    now = parts.desk.clock.mono()
    return OpenDialogue(
        id=opened.id,
        expires_in_s=max(0.0, opened.ends_at - now),
        second_factor=_factor(opened.asked) if opened.asked is not None else None,
        next_try_in_s=max(0.0, opened.tries[0] - now) if opened.tries else None,
        tries_left=len(opened.tries),
        browser_url=opened.browser.url if opened.browser is not None else None,
    )


def _factor(asked: Asked) -> SecondFactor:
    return SecondFactor(
        kind=asked.authenticator.kind,
        channel=asked.authenticator.channel,
        sent_to=asked.authenticator.name,
        takes_recovery_code=asked.has_recovery_code,
    )
