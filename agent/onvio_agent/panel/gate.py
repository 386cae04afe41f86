"""Who may ask the panel for anything: what a browser says of itself, and the visit's cookie.

The address is as hard to guess as the control API's token; still every request must come from a page
of ours or from nowhere, and every change from a form of ours. A refusal is one of `docs/panel.md`.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import Scope

from onvio_agent.api.answers import Unwelcome, denied, invalid
from onvio_agent.api.auth import check_host, check_origin
from onvio_agent.errors import Refused
from onvio_agent.panel.visits import Visit, Visits

COOKIE = "onvio_panel"

BODY_MAX_BYTES = 320 * 1024
"""Any form's."""

LIST_MAX_BYTES = 2 * 1024 * 1024
"""A file that is no list of users, a workbook say, is still told so on its own page."""

LIST_PATH = "/import-users"

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def check(scope: Scope, *, entering: bool) -> None:
    """Turn away what no page of ours can have sent. `entering`: by a one-time link, from anywhere."""
    headers = Headers(scope=scope)
    check_host(headers, scope["server"][1])
    if scope["method"] == "POST":
        _check_form(headers, body_max_bytes(scope["path"]))
    elif scope["method"] != "GET":
        raise invalid("method", 405)
    elif not entering:
        check_origin(headers)


def body_max_bytes(path: str) -> int:
    """How much may be sent to `path`."""
    return LIST_MAX_BYTES if path.endswith(LIST_PATH) else BODY_MAX_BYTES


def closed(why: str) -> Unwelcome:
    """For whoever has no way in any more: the panel must be opened anew."""
    return Unwelcome(why, 403, Refused("panel.closed"))


def visit_of(scope: Scope, visits: Visits) -> Visit:
    """The open visit that the request's cookie names."""
    for given in Headers(scope=scope).getlist("cookie"):
        try:
            found = SimpleCookie(given).get(COOKIE)
        except CookieError:
            continue
        visit = visits.find(found.value) if found is not None else None
        if visit is not None:
            return visit
    raise closed("visit")


def _check_form(headers: Headers, most: int) -> None:
    """A change comes from a page of this very address: the browser says so, by one header or both."""
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if any(site != "same-origin" for site in sites):
        raise denied("site")
    if any(origin != "http://" + headers["host"] for origin in origins):
        raise denied("origin")
    if not sites and not origins:
        raise denied("origin")
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not length.isdecimal() or int(length) > most:
        raise invalid("size", 413)
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in FORM_TYPES:
        raise invalid("content-type", 415)
