"""What the simulated token server says of itself (OpenID Connect Discovery).

Why: the agent asks there for the endpoints before it sends anybody to a browser.
It must not promise what is not answered.
"""

from __future__ import annotations

from onvio_agent.simulator.browser_endpoint import AUTHORIZE_PATH

DISCOVERY_PATH = "/.well-known/openid-configuration"


def discovery(base: str, grants: list[str]) -> dict[str, object]:
    """The document of a server at `base` that takes these `grants`."""
    return {
        "issuer": f"{base}/",
        "authorization_endpoint": f"{base}{AUTHORIZE_PATH}",
        "token_endpoint": f"{base}/oauth/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": grants,
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": [
            "none",
            "client_secret_post",
            "client_secret_basic",
        ],
    }
