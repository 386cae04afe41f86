"""Asking ONVIO whether an e-mail and password are good, and whose they are (S3, S5).

The password is used once, here, and dropped. Nothing is saved.
"""

from __future__ import annotations

from onvio_agent.actions.desk import Desk
from onvio_agent.actions.revoke import discard
from onvio_agent.errors import AgentError, Failed, Refused, WrongUsage
from onvio_agent.office.model import Account
from onvio_agent.office.rules import is_email
from onvio_agent.onvio.errors import CloudError, Denied
from onvio_agent.onvio.oauth import TokenSet


async def ask_onvio(
    desk: Desk, email: str, password: str, *, offline: bool
) -> tuple[TokenSet, Account]:
    """Tokens and the account they belong to. `offline`: with a refresh token, for a link.

    Raises `Refused` with ONVIO's definitive answer or `Failed` with what stood in the way; tokens
    that were issued before the failure are on their way to be revoked.
    """
    email = email.strip()
    if not is_email(email):
        raise WrongUsage("user.bad_email", email=email)
    if not password:
        raise WrongUsage("password.empty")
    try:
        tokens = await desk.oauth.password_grant(email, password, offline=offline)
    except CloudError as error:
        raise told(error) from None
    try:
        return tokens, await _whose(desk, tokens, email)
    except Exception as error:
        await discard(desk, 0, tokens)
        raise (told(error) if isinstance(error, CloudError) else error) from None


async def _whose(desk: Desk, tokens: TokenSet, email: str) -> Account:
    identity = await desk.oauth.userinfo(tokens.access_token)
    facts = await desk.user_api.client_info(tokens.access_token)
    return Account(
        issuer=identity.issuer,
        sub=identity.sub,
        email=identity.email or email,
        name=identity.name,
        role=facts.role,
        office_cnpj=facts.office_cnpj,
    )


def told(error: CloudError) -> AgentError:
    """ONVIO's answer as an answer to the person who asked."""
    kind = Refused if isinstance(error, Denied) else Failed
    return kind(error.reason)
