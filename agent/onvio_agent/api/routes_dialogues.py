"""Sign-ins in two steps: what a person is asked for after the password, the code, and giving up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions import dialogue
from onvio_agent.actions.dialogue import Dialogue, Wish
from onvio_agent.api.answers import carry_out, json_response, route
from onvio_agent.api.bodies import GiveCode, body_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.user_detail import status_of_user
from onvio_agent.contract.sign_in import OpenDialogue, SecondFactor, SignedIn


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    return [
        route(parts, "POST", "/v1/dialogues/{id}/code", _give_code),
        route(parts, "DELETE", "/v1/dialogues/{id}", _cancel),
    ]


async def begin(parts: Parts, wish: Wish, email: str, password: str) -> object:
    """200 with the user where the password was enough, else 202 with what is asked for."""
    work = dialogue.begin(parts.desk, wish, email, password)
    result = await carry_out(parts, wish.what, work)
    if isinstance(result, Dialogue):
        return json_response(_shown(parts, result), 202)
    return status_of_user(parts.desk, result)


async def _give_code(parts: Parts, request: Request) -> object:
    body = await body_of(request, GiveCode)
    work = dialogue.give_code(parts.desk, request.path_params["id"], body.code)
    done = await carry_out(parts, "give_code", work)
    return SignedIn(user=status_of_user(parts.desk, done.user), recovery_code=done.recovery_code)


async def _cancel(parts: Parts, request: Request) -> object:
    dialogue.cancel(parts.desk, request.path_params["id"])
    return None


def _shown(parts: Parts, opened: Dialogue) -> OpenDialogue:
    asked = opened.asked
    return OpenDialogue(
        id=opened.id,
        expires_in_s=dialogue.left_s(parts.desk, opened),
        second_factor=SecondFactor(
            kind=asked.authenticator.kind,
            channel=asked.authenticator.channel,
            sent_to=asked.authenticator.name,
            takes_recovery_code=asked.has_recovery_code,
        ),
    )
