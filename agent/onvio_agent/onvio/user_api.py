"""The user side of ONVIO's API: what an account may tell of itself and its office, and the probe.

Reads only; paths of the integration side (`/v1/`, keys) must not appear here. No retries.
"""

from __future__ import annotations

from onvio_agent.clock import Clock
from onvio_agent.onvio.account_facts import AccountFacts, read_account
from onvio_agent.onvio.answers import Fields, failure, is_json, json_object, unexpected
from onvio_agent.onvio.errors import Target
from onvio_agent.onvio.transport import Request, Transport, bearer

CLIENT_INFO_PATH = "/dominio/integration/v2/client/info"
STATUS_PATH = "/dominio/status/v2/integration/info"
PROBE_PATH = "/health"
"""The simulator's own; ONVIO documents no such resource and may answer 404, which is an answer."""


class UserApi:
    """Talks to the API through `transport`; raises `CloudError`s.

    `deadline_s` for each call, `probe_deadline_s` for a probe (an idle eye needs a shorter one).
    """

    def __init__(
        self, transport: Transport, *, clock: Clock, deadline_s: float, probe_deadline_s: float
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._deadline_s = deadline_s
        self._probe_deadline_s = probe_deadline_s

    async def client_info(self, access_token: str) -> AccountFacts:
        """The account's role and office. `TokenRefused` on 401.

        An account that may not see this resource (403, 404 in JSON) has told nothing: unknown.
        """
        request = _get(CLIENT_INFO_PATH, access_token, ("pageIndex", "1"))
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        if response.status in (403, 404) and is_json(response):
            return AccountFacts()
        return read_account(json_object(request, response))

    async def integration_status(self, access_token: str) -> Fields:
        """The JSON object of the integration's status, as ONVIO gave it (foreign)."""
        request = _get(STATUS_PATH, access_token)
        response = await self._transport.send(request, deadline_s=self._deadline_s)
        return json_object(request, response)

    async def probe(self, target: Target = "api") -> float:
        """Is `target` there? Seconds that the round trip took.

        Any answer of ONVIO's own over verified TLS will do: 2xx or 4xx (401 and 404 too) with JSON
        or no body. HTML is somebody else's page, a redirect leads there: `onvio.unexpected_answer`;
        5xx is `onvio.unavailable`, 429 is `Busy`. Reachable is not yet connected: only an
        authenticated round trip says that.
        """
        request = Request(target=target, method="GET", path=PROBE_PATH)
        sent = self._clock.mono()
        response = await self._transport.send(request, deadline_s=self._probe_deadline_s)
        took_s = self._clock.mono() - sent
        status = response.status
        if status >= 500 or status in (407, 429):
            raise failure(request, response)
        if not (200 <= status < 300 or 400 <= status < 500) or (
            response.body and not is_json(response)
        ):
            raise unexpected(request, response, "not an answer of ONVIO's interface")
        return took_s


def _get(path: str, access_token: str, *query: tuple[str, str]) -> Request:
    return Request(target="api", method="GET", path=path, headers=bearer(access_token), query=query)
