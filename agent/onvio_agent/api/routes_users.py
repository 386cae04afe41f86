"""The office's users: look, add, rename, import, link, confirm, inactivate, activate, promote.

Who may do what is decided by the actions; here a request only becomes a call.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.routing import Route

from onvio_agent.actions import people, personal_data
from onvio_agent.actions.dialogue import Wish
from onvio_agent.actions.import_users import import_users
from onvio_agent.api.answers import carry_out, route
from onvio_agent.api.bodies import (
    Activate,
    AddUser,
    ConfirmByBrowser,
    ConfirmPortal,
    ImportUsers,
    Inactivate,
    LinkByBrowser,
    LinkUser,
    Promote,
    RenameUser,
    body_of,
)
from onvio_agent.api.import_report import report_of
from onvio_agent.api.parts import Parts
from onvio_agent.api.routes_dialogues import begin, begin_browser
from onvio_agent.api.user_detail import detail_of, status_of_user
from onvio_agent.errors import WrongUsage
from onvio_agent.office import rules
from onvio_agent.office.model import User


def routes(parts: Parts) -> list[Route]:
    """All of them."""
    one = "/v1/users/{login}"
    return [
        route(parts, "GET", "/v1/users", _list),
        route(parts, "POST", "/v1/users", _add, status=201),
        route(parts, "POST", "/v1/users/import", _import),
        route(parts, "GET", one, _show),
        route(parts, "PUT", f"{one}/name", _rename),
        route(parts, "PUT", f"{one}/link", _link),
        route(parts, "POST", f"{one}/link/browser", _link_by_browser),
        route(parts, "PUT", f"{one}/portal", _confirm_portal),
        route(parts, "POST", f"{one}/portal/browser", _confirm_portal_by_browser),
        route(parts, "POST", f"{one}/inactivate", _inactivate),
        route(parts, "POST", f"{one}/activate", _activate),
        route(parts, "POST", f"{one}/promote", _promote),
        route(parts, "GET", f"{one}/data", _export),
        route(parts, "DELETE", one, _erase),
    ]


async def _list(parts: Parts, _request: Request) -> object:
    return parts.desk.hub.snapshot().users


async def _show(parts: Parts, request: Request) -> object:
    return await detail_of(parts.desk, rules.find_user(parts.desk.hub.office, _login(request)))


async def _add(parts: Parts, request: Request) -> object:
    body = await body_of(request, AddUser)
    actor = parts.actor(request)
    return await _done(parts, "add_user", people.add_user(parts.desk, actor, body.login, body.name))


async def _rename(parts: Parts, request: Request) -> object:
    body = await body_of(request, RenameUser)
    work = people.rename(parts.desk, parts.actor(request), _login(request), body.name)
    return await _done(parts, "rename", work)


async def _import(parts: Parts, request: Request) -> object:
    body = await body_of(request, ImportUsers)
    work = import_users(
        parts.desk,
        parts.actor(request),
        body.file,
        dry_run=body.dry_run,
        skip_bad=body.skip_bad,
    )
    return report_of(await carry_out(parts, "import_users", work))


async def _link(parts: Parts, request: Request) -> object:
    body = await body_of(request, LinkUser)
    wish = Wish(
        what="link",
        actor=parts.actor(request),
        login=_login(request),
        administrator_confirmed=body.administrator_confirmed,
        office_confirmed=body.office_confirmed,
    )
    return await begin(parts, wish, body)


async def _confirm_portal(parts: Parts, request: Request) -> object:
    body = await body_of(request, ConfirmPortal)
    wish = Wish(what="portal", actor=parts.actor(request), login=_login(request))
    return await begin(parts, wish, body)


async def _link_by_browser(parts: Parts, request: Request) -> object:
    body = await body_of(request, LinkByBrowser)
    wish = Wish(
        what="link",
        actor=parts.actor(request),
        login=_login(request),
        administrator_confirmed=body.administrator_confirmed,
        office_confirmed=body.office_confirmed,
    )
    return await begin_browser(parts, wish, body.email)


async def _confirm_portal_by_browser(parts: Parts, request: Request) -> object:
    body = await body_of(request, ConfirmByBrowser)
    wish = Wish(what="portal", actor=parts.actor(request), login=_login(request))
    return await begin_browser(parts, wish, body.email)


async def _inactivate(parts: Parts, request: Request) -> object:
    body = await body_of(request, Inactivate)
    work = people.inactivate(
        parts.desk,
        parts.actor(request),
        _login(request),
        confirmed=body.confirmed,
        successor=body.successor,
    )
    return await _done(parts, "inactivate", work)


async def _activate(parts: Parts, request: Request) -> object:
    await body_of(request, Activate)
    actor = parts.actor(request)
    return await _done(parts, "activate", people.activate(parts.desk, actor, _login(request)))


async def _promote(parts: Parts, request: Request) -> object:
    body = await body_of(request, Promote)
    work = people.promote(
        parts.desk,
        parts.actor(request),
        _login(request),
        administrator_confirmed=body.administrator_confirmed,
    )
    return await _done(parts, "promote", work)


async def _export(parts: Parts, request: Request) -> object:
    return await personal_data.export(parts.desk, parts.actor(request), _login(request))


async def _erase(parts: Parts, request: Request) -> object:
    work = personal_data.erase(parts.desk, parts.actor(request), _login(request))
    return await carry_out(parts, "erase", work)


async def _done(parts: Parts, name: str, work: Coroutine[Any, Any, User]) -> object:
    user = await carry_out(parts, name, work)
    return status_of_user(parts.desk, user)


def _login(request: Request) -> str:
    """The login in the path, decoded here and only here (see `auth.Gate`)."""
    try:
        return unquote(request.path_params["login"], errors="strict")
    except UnicodeDecodeError:
        raise WrongUsage(
            "user.bad_login", login=request.path_params["login"], most=rules.LOGIN_MAX
        ) from None
