"""Asking ONVIO whether somebody is who they say they are, and whose account that is (S3, S5).

A password or code is used once, here, and dropped. Nothing is saved.
"""

from __future__ import annotations

import msgspec

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.revoke import discard
from onvio_agent.errors import AgentError, Failed, Refused, WrongUsage
from onvio_agent.office.model import Account
from onvio_agent.office.rules import is_email
from onvio_agent.onvio.errors import Busy, CloudError, Denied, ServerError
from onvio_agent.onvio.factors import Authenticator, choose, is_recovery_code
from onvio_agent.onvio.oidc import Attempt
from onvio_agent.onvio.token_set import TokenSet

CODE_MAX = 64
"""Characters of a code; the longest, a recovery code, has 24."""


class Password(msgspec.Struct, frozen=True):
    """*Usuário no ONVIO* and *Senha*."""

    email: str
    password: str

    def __repr__(self) -> str:
        return "<Password>"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The second factor that ONVIO asks for, after a right password. Its tokens are secrets."""

    email: str
    mfa_token: str
    authenticator: Authenticator
    oob_code: str | None
    has_recovery_code: bool

    def __repr__(self) -> str:
        return f"<Asked {self.authenticator.kind}>"


class Code(msgspec.Struct):
    """The answer to `asked`. `next_recovery_code` is set where ONVIO took one and gave another."""

    asked: Asked
    code: str
    next_recovery_code: str | None = None

    def __repr__(self) -> str:
        return "<Code>"


class BrowserCode(msgspec.Struct):
    """What a browser has brought back from `attempt`. `id_token`: as the server gave it for the code;
    `email`: who was expected, where anybody was."""

    attempt: Attempt
    code: str
    email: str | None = None
    id_token: object = None

    def __repr__(self) -> str:
        return "<BrowserCode>"


Proof = Password | Code | BrowserCode


class SecondFactorAsked(Refused):
    """The password is right; ONVIO wants a code too."""

    def __init__(self, asked: Asked) -> None:
        super().__init__("link.second_factor")
        self.asked = asked


async def ask_onvio(desk: Desk, proof: Proof, *, offline: bool) -> tuple[TokenSet, Account]:
    """Tokens and the account they belong to. `offline`: with a refresh token, for a link.

    Raises `Refused` with ONVIO's definitive answer (`SecondFactorAsked` where a code completes the
    sign-in) or `Failed` with what stood in the way; tokens that were issued before the failure are
    on their way to be revoked.
    """
    try:
        tokens, email = await _sign_in(desk, proof, offline=offline)
    except CloudError as error:
        raise told(desk, error) from None
    try:
        return tokens, await _whose(desk, tokens, email, proof)
    except Exception as error:
        await discard(desk, 0, tokens)
        raise (told(desk, error) if isinstance(error, CloudError) else error) from None


async def _sign_in(desk: Desk, proof: Proof, *, offline: bool) -> tuple[TokenSet, str]:
    if isinstance(proof, Code):
        return await _with_code(desk, proof, offline=offline), proof.asked.email
    if isinstance(proof, BrowserCode):
        tokens, proof.id_token = await desk.oauth.browser_grant(
            proof.attempt, proof.code, offline=offline
        )
        return tokens, ""
    email = proof.email.strip()
    if not is_email(email):
        raise WrongUsage("user.bad_email", email=email)
    if not proof.password:
        raise WrongUsage("password.empty")
    try:
        return await desk.oauth.password_grant(email, proof.password, offline=offline), email
    except Denied as denied:
        if denied.mfa_token is None:
            raise
        asked = await _challenge(desk, email, denied.mfa_token)
    raise SecondFactorAsked(asked)


async def _challenge(desk: Desk, email: str, mfa_token: str) -> Asked:
    """What to ask the person for; a code by message is on its way then."""
    known = await desk.oauth.authenticators(mfa_token)
    chosen = choose(known)
    if chosen is None:
        raise Refused("signin.no_factor")
    sent = chosen.kind == "oob"
    return Asked(
        email=email,
        mfa_token=mfa_token,
        authenticator=chosen,
        oob_code=await desk.oauth.challenge(mfa_token, chosen) if sent else None,
        has_recovery_code=any(each.kind == "recovery-code" for each in known),
    )


async def _with_code(desk: Desk, proof: Code, *, offline: bool) -> TokenSet:
    asked = proof.asked
    code = "".join(proof.code.split())  # apps show `123 456`
    if not 0 < len(code) <= CODE_MAX or not code.isprintable():
        raise Refused("auth.wrong_code")
    recovers = asked.has_recovery_code and is_recovery_code(code)
    tokens, proof.next_recovery_code = await desk.oauth.code_grant(
        asked.mfa_token,
        "recovery-code" if recovers else asked.authenticator.kind,
        code,
        oob_code=asked.oob_code,
        offline=offline,
    )
    return tokens


async def _whose(desk: Desk, tokens: TokenSet, email: str, proof: Proof) -> Account:
    named = None
    if isinstance(proof, BrowserCode):
        named = desk.oauth.sub_of(proof.id_token, proof.attempt, now=tokens.obtained_at)
    identity = await desk.oauth.userinfo(tokens.access_token)
    email = identity.email or email
    if not email or named not in (None, identity.sub):
        what = "no e-mail" if not email else "sub differs from the id token's"
        raise ServerError("onvio.unexpected_answer", detail=f"userinfo: {what}", target="auth")
    facts = await desk.user_api.client_info(tokens.access_token)
    return Account(
        issuer=identity.issuer,
        sub=identity.sub,
        email=email,
        name=identity.name,
        role=facts.role,
        office_cnpj=facts.office_cnpj,
    )


def told(desk: Desk, error: CloudError) -> AgentError:
    """ONVIO's answer as an answer to the person who asked."""
    if isinstance(error, Busy):
        return desk.on_hold(desk.clock.mono() + (error.retry_after_s or 0.0))
    kind = Refused if isinstance(error, Denied) else Failed
    return kind(error.reason)
