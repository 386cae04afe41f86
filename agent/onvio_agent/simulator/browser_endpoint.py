"""The simulated /authorize: the sign-in page, and the codes that a browser carries back.

Why: a sign-in in the browser has to be met as a person meets it, second factor included.
It must not issue tokens: it says whose code that was.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from onvio_agent.simulator.accounts import Account, SignIn
from onvio_agent.simulator.second_factors import CodeAnswer
from onvio_agent.simulator.wire import (
    CloudRequest,
    CloudResponse,
    MalformedBody,
    Trace,
    oauth_error,
    read_fields,
)
from onvio_agent.simulator.world import BrowserCode, World

# How long a code may wait to be exchanged; RFC 6749 advises ten minutes at most.
CODE_S = 60.0
AUTHORIZE_PATH = "/authorize"

_ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method", "prompt", "login_hint")  # fmt: skip
_LOOPBACK = ("127.0.0.1", "::1")
_HEADERS = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
_PAGE = """<!DOCTYPE html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>Entrar no ONVIO</title></head>
<body><h1>Entrar no ONVIO</h1><p role="alert">{told}</p>
<form method="post" action="/authorize">{hidden}{fields}
<button name="answer" value="yes">Entrar</button>
<button name="answer" value="no" formnovalidate>Cancelar</button></form></body></html>
"""
_SIGN_IN = """<p><label>E-mail <input name="username" type="email" value="{email}"></label></p>
<p><label>Senha <input name="password" type="password"></label></p>
"""
_CODE = """<p><label>Código <input name="code" autocomplete="one-time-code"></label></p>
"""


class BrowserEndpoint:
    """Answers `/authorize`, and takes the codes back."""

    def __init__(self, world: World) -> None:
        self._world = world

    def show(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """The page that asks for e-mail and password."""
        asked = dict(parse_qsl(request.query, max_num_fields=50))
        return self._unfit(asked, trace) or _page(asked, _sign_in_fields(asked))

    def submit(self, request: CloudRequest, trace: Trace) -> CloudResponse:
        """What somebody has typed into it: back with a code, or the page again."""
        try:
            fields = read_fields(request)
        except MalformedBody:
            return oauth_error(trace, 400, "invalid_request", "The request body is malformed.")
        refused = self._unfit(fields, trace)
        if refused is not None:
            return refused
        if fields.get("answer") == "no":
            trace.error = "access_denied"
            return _back(fields, error="access_denied", error_description="User did not authorize")
        if "mfa_token" in fields:
            return self._with_code(fields, trace)
        return self._with_password(fields, trace)

    def redeem(self, fields: dict[str, str], trace: Trace) -> BrowserCode | CloudResponse:
        """Whose code it is, once: a second time it is unknown, as is one of another browser."""
        found = self._world.browser_codes.pop(fields.get("code", ""), None)
        self._world.changed()
        if found is None or self._world.now() >= found.expires_at:
            return oauth_error(trace, 403, "invalid_grant", "Invalid authorization code")
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, found.challenge):
            return oauth_error(trace, 403, "invalid_grant", "Failed to verify code verifier")
        if fields.get("redirect_uri") != found.redirect_uri:
            return oauth_error(trace, 403, "invalid_grant", "redirect_uri does not match")
        return found

    def _with_password(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        world = self._world
        account = world.accounts.by_email(fields.get("username", ""))
        limit, now = world.limits.wrong_passwords, world.now()
        password = fields.get("password", "")
        outcome = SignIn.WRONG
        if account is not None:
            trace.account = account.email
            outcome = world.accounts.sign_in(account, password, now, limit)
            world.changed()
        if account is None or outcome is not SignIn.OK:
            trace.error = outcome.value
            told = "Conta bloqueada." if outcome is not SignIn.WRONG else "E-mail ou senha errados."
            return _page(fields, _sign_in_fields(fields), told, 400)
        if account.second_factor is None:
            return self._back_with_code(fields, account, second_factor=False)
        if account.second_factor == "push":  # approved elsewhere, meanwhile
            return self._back_with_code(fields, account, second_factor=True)
        token = world.second_factors.begin(account.sub, fields.get("scope", ""), now)
        waiting = world.second_factors.find(token, now)
        if account.second_factor == "oob" and waiting is not None:
            world.second_factors.send(waiting)
        return _page(fields | {"mfa_token": token}, _CODE, "Digite o código.")

    def _with_code(self, fields: dict[str, str], trace: Trace) -> CloudResponse:
        world = self._world
        token, now = fields["mfa_token"], world.now()
        waiting = world.second_factors.find(token, now)
        account = world.accounts.by_sub(waiting.sub) if waiting is not None else None
        kind = account.second_factor if account is not None else None
        if account is None or kind is None or kind == "push":
            return _page(_asked(fields), _sign_in_fields(fields), "Comece de novo.", 400)
        trace.account = account.email
        code, limit = fields.get("code", ""), world.limits.wrong_codes
        outcome = world.second_factors.give(token, account, kind, code, now, limit)
        world.changed()
        if outcome is not CodeAnswer.OK:
            trace.error = outcome.value
            return _page(fields, _CODE, "Código errado.", 400)
        return self._back_with_code(fields, account, second_factor=True)

    def _back_with_code(
        self, fields: dict[str, str], account: Account, *, second_factor: bool
    ) -> CloudResponse:
        world, now = self._world, self._world.now()
        for old in [code for code, each in world.browser_codes.items() if each.expires_at <= now]:
            del world.browser_codes[old]
        code = f"code.{world.rng.getrandbits(128):032x}"
        world.browser_codes[code] = BrowserCode(
            sub=account.sub,
            scope=fields.get("scope", ""),
            nonce=fields.get("nonce", ""),
            challenge=fields["code_challenge"],
            redirect_uri=fields["redirect_uri"],
            expires_at=now + CODE_S,
            second_factor=second_factor,
        )
        world.changed()
        return _back(fields, code=code)

    def _unfit(self, asked: dict[str, str], trace: Trace) -> CloudResponse | None:
        """Errors of whoever sent the browser; it goes back only to an address of its own machine."""
        trace.client_id = asked.get("client_id")
        if asked.get("client_id") != self._world.seed.client_id:
            return oauth_error(trace, 403, "unauthorized_client", "Unknown client.")
        back = urlsplit(asked.get("redirect_uri", ""))
        if back.scheme != "http" or back.hostname not in _LOOPBACK:
            return oauth_error(trace, 403, "unauthorized_client", "Callback URL mismatch.")
        if asked.get("response_type") != "code":
            trace.error = "unsupported_response_type"
            return _back(asked, error="unsupported_response_type")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            trace.error = "invalid_request"
            return _back(asked, error="invalid_request", error_description="PKCE S256 is required")
        return None


def id_token(code: BrowserCode, *, issuer: str, client_id: str, key: str, now: float) -> str:
    """Signed by HMAC, as such servers do where they are told to; nobody here looks at the signature."""
    claims = {
        "iss": issuer,
        "aud": client_id,
        "sub": code.sub,
        "nonce": code.nonce,
        "iat": int(now),
        "exp": int(now) + 36_000,
    }
    head = _part({"alg": "HS256", "typ": "JWT"})
    signed = f"{head}.{_part(claims)}"
    signature = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _part(value: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def _asked(fields: dict[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in _ASKED if name in fields}


def _sign_in_fields(asked: dict[str, str]) -> str:
    email = asked.get("username") or asked.get("login_hint", "")
    return _SIGN_IN.format(email=escape(email, quote=True))


def _page(asked: dict[str, str], fields: str, told: str = "", status: int = 200) -> CloudResponse:
    kept = {name: asked[name] for name in (*_ASKED, "mfa_token") if name in asked}
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">'
        for name, value in kept.items()
    )
    body = _PAGE.format(told=escape(told), hidden=hidden, fields=fields)
    return CloudResponse(status, dict(_HEADERS), body.encode())


def _back(asked: dict[str, str], **answer: str) -> CloudResponse:
    query = urlencode(answer | {"state": asked.get("state", "")})
    location = f"{asked['redirect_uri']}?{query}"
    return CloudResponse(302, {"location": location, "cache-control": "no-store"}, b"")
