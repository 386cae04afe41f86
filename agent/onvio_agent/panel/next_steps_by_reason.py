"""The panel's own next steps, by reason, as data: every reason whose words in the catalogue name a
command or a click on the icon has one. A test holds that."""

from __future__ import annotations

from typing import NamedTuple

from onvio_agent.i18n import N_


class Step(NamedTuple):
    """Message ids with `{fields}` of the reason. `path`: where `label` leads, below the panel's own."""

    text: str
    label: str = ""
    path: str = ""


_USER = "/users/{login}"
_LINK = _USER + "?open=link#onvio"
_PORTAL = _USER + "?open=portal#portal"

_SIGN_IN_AGAIN = N_("Sign in again")
_OPEN_USER = N_("Open the user")
_LOGS = N_("Logs")
_USERS = N_("Users")
_DOCUMENTS = N_("Documents")
_ABOUT = N_("About")
_AS_THE_GERENTE = N_("Sign in as the Gerente")

_ELSEWHERE = Step(N_("Open the panel again from the icon's menu."))
"""For reasons that only commands and the icon meet: here nobody can see them."""

_SIGN_IN = Step(N_("Sign in again with the ONVIO e-mail and password."), _SIGN_IN_AGAIN, _LINK)

STEPS: dict[str, Step] = {
    "agent.stale": Step(N_("Press Connect to check now.")),
    "paused": Step(N_("Press Connect to go on.")),
    "network.captive_portal": Step(
        N_("Open any page in the browser, accept the terms, then press Connect.")
    ),
    "clock.skewed": Step(N_("Set date and time, then press Connect.")),
    "network.proxy_unreachable": Step(
        N_("Check the proxy's address, or ask your IT support."), N_("Settings"), "/settings"
    ),
    "network.proxy_unexpected": Step(
        N_("Check the proxy's address and port, or ask your IT support."), N_("Settings"), "/settings"
    ),
    "network.proxy_no_way": Step(
        N_("If it lasts, ask your IT support whether the proxy works and reaches ONVIO.")
    ),
    "network.proxy_auth": Step(
        N_("Set the proxy's user and the file with its password, or ask your IT support."),
        N_("Settings"), "/settings",
    ),
    "network.proxy_password": Step(
        N_("Correct the proxy's user and the file with its password, or ask your IT support."),
        N_("Settings"), "/settings",
    ),
    "onvio.unexpected_answer": Step(
        N_("The agent tries again by itself; if it lasts, send the log to your IT support."),
        _LOGS, "/logs",
    ),
    "auth.grant_refused": Step(N_("Press Sign in through the browser instead.")),
    "signin.no_factor": Step(
        N_("Press Sign in through the browser instead, or set up an authenticator app or codes by e-mail or SMS.")
    ),
    "signin.other_account": Step(N_("Sign in there as {email}, or write the account that is meant.")),
    # -- the Gerente
    "manager.missing": Step(N_("Say who the Gerente is."), N_("Set up"), "/set-up"),
    "manager.not_admin": Step(
        N_("Use the account of the office's ONVIO administrator for the Gerente."),
        _SIGN_IN_AGAIN, _LINK,
    ),
    "manager.wrong_password": Step(
        N_("It is the password that was chosen when this agent was set up. Forgotten? IT support "
           "can set another."),
        _ABOUT, "/about#commands",
    ),
    "manager.required": Step(N_("Sign in as the Gerente first."), _AS_THE_GERENTE, "/sign-in"),
    "manager.only": Step(N_("Choose who takes the role over."), _USERS, "/users"),
    "manager.exists": Step(
        N_("The Gerente goes on by signing in."), _AS_THE_GERENTE, "/sign-in"
    ),
    "manager.first": Step(
        N_("Connect the Gerente first."), N_("Open the Gerente"), _USER + "?open={step}"
    ),
    "manager.account_disabled": Step(
        N_("Ask ONVIO's support or another ONVIO administrator of the office to enable the account, "
           "then press Connect."),
    ),
    "manager.unproven": Step(
        N_("If it is the office's administrator, tick below that you confirm it: this is recorded.")
    ),
    "office.unproven": Step(
        N_("If it is this office's, tick below that you confirm it: this is recorded.")
    ),
    # -- a user's link
    "link.none": Step(
        N_("The Gerente links the user: Controle > Permissões > Usuários, tick Utiliza ONVIO."), N_("Link the user"), _LINK
    ),
    "link.session_ended": _SIGN_IN,
    "link.ends_soon": Step(
        N_("Sign in again before then, and nothing stops."), _SIGN_IN_AGAIN, _LINK
    ),
    "link.account_disabled": Step(
        N_("Ask the office's ONVIO administrator to enable the account, then press Connect.")
    ),
    "link.second_factor": Step(N_("Sign in again and give the code."), _SIGN_IN_AGAIN, _LINK),
    "link.other_person": Step(
        N_("Sign in again with the right ONVIO account."), _SIGN_IN_AGAIN, _LINK
    ),
    "link.email_taken": Step(
        N_("Each user needs an ONVIO account of their own; to reuse this e-mail, first set {login} "
           "to Inativo."),
        _OPEN_USER, _USER,
    ),
    "link.not_linked": Step(N_("Tick Utiliza ONVIO first.")),
    "link.not_online": Step(
        N_("Press Connect first; the icon must be green."), N_("Home"), "/"
    ),
    "portal.unconfirmed": Step(
        N_("Tick Utiliza Portal do Cliente and sign in once more with the same ONVIO account."),
        N_("Confirm"), _PORTAL,
    ),
    "portal.disabled": Step(N_("Press Connect; the box can be ticked as soon as the icon allows it.")),
    "user.unknown": Step(N_("Look in the list of users."), _USERS, "/users"),
    "user.not_active": Step(N_("Set the user to Ativo first."), _OPEN_USER, _USER),
    "user.manager_already": Step(N_("Choose another user."), _USERS, "/users"),
    "user.still_active": Step(N_("Set the user to Inativo first."), _OPEN_USER, _USER),
    "user.not_confirmed": Step(N_("Confirm that the link ends and the e-mail becomes free.")),
    "user.successor_needless": Step(N_("Go back and try again."), _OPEN_USER, _USER),
    "vault.lost": Step(
        N_("IT support puts the right key back; then press Connect. Only if it is gone for good, sign "
           "in again: that may end everybody's sessions."),
        _SIGN_IN_AGAIN, _LINK,
    ),
    "vault.replaced": Step(
        N_("Leave the agent running; IT support moves the other key away, and the agent puts its own back.")
    ),
    # -- an import
    "import.bad_lines": Step(N_("Correct them, or tick that the wrong lines are left out.")),
    "import.manager": Step(
        N_("Correct the list, or hand the role over on the page of the next Gerente."),
        _USERS, "/users",
    ),
    "import.still_active": Step(
        N_("To end the link and free the e-mail, set the user to Inativo."), _OPEN_USER, _USER
    ),
    "import.still_inactive": Step(N_("Set the user to Ativo."), _OPEN_USER, _USER),
    "import.email_other": Step(
        N_("If the list is right, sign in again with its e-mail."), _SIGN_IN_AGAIN, _LINK
    ),
    # -- documents
    "sync.company_unknown": Step(
        N_("Check in Domínio that the company is set up and linked to this key; then press Try again.")
    ),
    "sync.other_content": Step(
        N_("Compare this file with the one that was delivered before: ONVIO keeps the first. If this one "
           "is right, correct the document in Domínio.")
    ),
    "sync.rejected": Step(N_("Look at ONVIO's own words; once the cause is gone, press Try again.")),
    "sync.client_refused": Step(
        N_("IT support checks the registration and its secret in the settings; then press Try again."),
        _ABOUT, "/about#commands",
    ),
    "sync.key_refused": Step(
        N_("Make a new key in ONVIO; IT support enters it on the command line."),
        _ABOUT, "/about#commands",
    ),
    "sync.client_exists": Step(N_("Look in the list of clients."), _DOCUMENTS, "/documents"),
    "sync.client_unknown": Step(N_("Look in the list of clients."), _DOCUMENTS, "/documents"),
    "sync.client_busy": Step(N_("Wait for them, or take them back."), _DOCUMENTS, "/documents"),
    "sync.document_unknown": Step(N_("Look in the list of documents."), _DOCUMENTS, "/documents"),
    "sync.not_cancelled": Step(N_("Look in the list what became of it."), _DOCUMENTS, "/documents"),
    # -- what the agent keeps
    "store.corrupt": Step(
        N_("Restore a backup, or set the agent up and link the users again."),
        N_("Set up"), "/set-up",
    ),
    "settings.invalid": Step(N_("Correct the settings file, or ask your IT support.")),
    "internal.error": Step(N_("Send the log to your IT support."), _LOGS, "/logs"),
    "panel.closed": _ELSEWHERE,
    "agent.stopped": _ELSEWHERE,
    "agent.version_mismatch": _ELSEWHERE,
    "agent.not_running": _ELSEWHERE,
    "agent.already_running": _ELSEWHERE,
    "agent.not_answering": _ELSEWHERE,
    "agent.stranger": _ELSEWHERE,
    "agent.exposed": _ELSEWHERE,
    "agent.start_failed": _ELSEWHERE,
    "panel.no_browser": _ELSEWHERE,
    "autostart.refused": _ELSEWHERE,
    "backup.not_confirmed": _ELSEWHERE,
    "bundle.not_confirmed": _ELSEWHERE,
    "vault.not_confirmed": _ELSEWHERE,
    "vault.in_use": _ELSEWHERE,
}  # fmt: skip
