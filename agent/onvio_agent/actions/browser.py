"""Sign in through the system's browser: the person types the password there, and never here.

A dialogue of five minutes that holds no password: the address to open, and a landing on this machine.
What comes back without this sign-in's `state` changes nothing and ends nothing.
"""

from __future__ import annotations

from onvio_agent.actions import confirm_portal, link
from onvio_agent.actions.desk import Desk
from onvio_agent.actions.dialogue import Dialogue, Done, Wish, find, fulfil, open_in_place_of
from onvio_agent.actions.landing import Browser, Landed
from onvio_agent.actions.sign_in import BrowserCode, told
from onvio_agent.chance import new_token
from onvio_agent.errors import AgentError, Failed, Refused
from onvio_agent.onvio.errors import CloudError
from onvio_agent.onvio.oidc import Attempt, read_redirect

OPEN_S = 300.0
"""A password, a second factor and a look at the telephone take a minute or two."""


async def begin(desk: Desk, wish: Wish, *, email: str | None = None) -> Dialogue:
    """The dialogue whose `browser.url` the person's browser has to open. Opens nothing itself.

    `email` is shown on the sign-in page; a link to another account than that is refused. Refused like
    the wish itself, before anybody has gone to a browser in vain.
    """
    allow = link.allowed if wish.what == "link" else confirm_portal.allowed
    user = allow(desk, wish.actor, wish.login)
    if wish.what == "portal" and user.link.account is not None:
        email = user.link.account.email
    try:
        await desk.oauth.discover()
    except CloudError as error:
        raise told(desk, error) from None
    dialogue_id = new_token(desk.entropy)

    async def land(query: str) -> Landed:
        return await _land(desk, dialogue_id, query)

    landing = await desk.landings.open(desk.tasks, land)
    attempt = Attempt(
        state=new_token(desk.entropy),
        nonce=new_token(desk.entropy),
        verifier=new_token(desk.entropy),
        redirect_uri=landing.redirect_uri,
    )
    url = desk.oauth.authorize_url(attempt, offline=wish.what == "link", email=email)
    dialogue = Dialogue(
        id=dialogue_id,
        wish=wish,
        ends_at=desk.clock.mono() + OPEN_S,
        browser=Browser(url=url, attempt=attempt, landing=landing, email=email),
    )
    open_in_place_of(desk, dialogue)
    desk.log.info("signin.browser_asked", user=user.login)
    return dialogue


async def _land(desk: Desk, dialogue_id: str, query: str) -> Landed:
    """What a browser with that query is told. A page that is loaded again tells the same."""
    try:
        dialogue = find(desk, dialogue_id)
    except Refused as refused:
        return Landed(refused)
    browser = dialogue.browser
    if browser is None:
        return Landed(Refused("signin.expired"))
    found = read_redirect(browser.attempt, desk.oauth.endpoints, query)
    if found is None:
        return Landed(Refused("signin.expired"))
    if dialogue.outcome is None:
        await desk.once(f"signin {dialogue_id}", lambda: _complete(desk, dialogue, browser, found))
    outcome = dialogue.outcome
    return Landed(outcome if isinstance(outcome, AgentError) else None)


async def _complete(
    desk: Desk, dialogue: Dialogue, browser: Browser, found: str | CloudError
) -> None:
    """Exchange the code, once, and do what was wished for."""
    if isinstance(found, CloudError):
        dialogue.outcome = told(desk, found)
    else:
        proof = BrowserCode(attempt=browser.attempt, code=found, email=browser.email)
        try:
            dialogue.outcome = Done(user=await fulfil(desk, dialogue.wish, proof))
        except AgentError as error:
            dialogue.outcome = error
        except Exception as error:
            desk.crashed("browser.complete", error)
            dialogue.outcome = Failed("internal.error")
    browser.landing.close()
