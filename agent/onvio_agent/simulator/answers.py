"""The answers of a simulated ONVIO that is ill or busy, instead of the right ones.

Why: each fault that needs no tampering with the wire is one recognisable answer.
It must not decide whether a fault strikes.
"""

from __future__ import annotations

import math

from onvio_agent.simulator.faults import DEFAULT_RETRY_AFTER_S, Fault
from onvio_agent.simulator.limits import limit_headers
from onvio_agent.simulator.user_api import problem
from onvio_agent.simulator.wire import CloudRequest, CloudResponse, Trace, oauth_error
from onvio_agent.simulator.world import World

_MAINTENANCE = """<!DOCTYPE html>
<html lang="pt-BR"><head><title>Manutenção programada</title></head>
<body><h1>Estamos em manutenção</h1><p>Voltaremos em breve.</p></body></html>
"""


def answer_fault(fault: Fault, world: World, request: CloudRequest, trace: Trace) -> CloudResponse:
    """What a fault of the kinds http_500, http_503, limited and html answers."""
    if fault.kind == "html":
        return CloudResponse(
            int(fault.seconds(200)),
            {"content-type": "text/html; charset=utf-8"},
            _MAINTENANCE.encode(),
        )
    if fault.kind == "limited":
        after_s = math.ceil(fault.seconds(DEFAULT_RETRY_AFTER_S))
        headers = limit_headers(1, 0, world.now() + after_s) | {"retry-after": str(after_s)}
        return too_many_requests(world, request, trace, headers)
    if fault.kind == "http_503":
        after = {"retry-after": f"{fault.seconds(0):.0f}"} if fault.value is not None else {}
        return _failure(world, request, trace, 503, "Service Unavailable", after)
    return _failure(world, request, trace, 500, "Internal Server Error", {})


def too_many_requests(
    world: World, request: CloudRequest, trace: Trace, headers: dict[str, str]
) -> CloudResponse:
    """The answer to one request too many."""
    trace.error = "too_many_requests"
    if request.target == "auth":
        return oauth_error(
            trace, 429, "too_many_requests", "Global limit has been reached", headers
        )
    return problem(world, request.path, 429, "Too many requests", headers)


def replace_content_type(response: CloudResponse, fault: Fault) -> CloudResponse:
    """The right body under a wrong media type."""
    kind = fault.value if isinstance(fault.value, str) else "text/plain"
    return CloudResponse(response.status, response.headers | {"content-type": kind}, response.body)


def _failure(
    world: World,
    request: CloudRequest,
    trace: Trace,
    status: int,
    text: str,
    headers: dict[str, str],
) -> CloudResponse:
    if request.target == "auth":
        name = "server_error" if status == 500 else "temporarily_unavailable"
        return oauth_error(trace, status, name, text, headers)
    trace.error = text
    return problem(world, request.path, status, text, headers)
