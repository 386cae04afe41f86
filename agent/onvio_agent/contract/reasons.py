"""The catalogue: every reason the agent can give, declared once, as data.

Tray, panel, command line, notifications, logs and docs/reasons.md read it. Texts are message ids
(English); faces translate them when they show them. Texts may name `{fields}` that the raiser of a
refusal passes along. Nothing here decides: verdicts and rules choose a code, this says what it means.
"""

from __future__ import annotations

from onvio_agent.contract.reason import (
    GREY,
    N_,
    PLAY,
    Kind,
    Reason,
    Severity,
    finding,
)
from onvio_agent.contract.reason import refusal as _refusal
from onvio_agent.contract.reason import state as _state
from onvio_agent.contract.reasons_backup import BACKUP
from onvio_agent.contract.reasons_import import IMPORT
from onvio_agent.contract.reasons_network import FROM_BELOW, NETWORK
from onvio_agent.contract.reasons_sync import SYNC
from onvio_agent.contract.status import Action

__all__ = ["CATALOGUE", "Kind", "Reason", "Severity", "get", "hides"]


_ALL_LINKS = ("manager.", "link.", "portal.", "user.")

_ENTRIES = (
    # -- the agent itself
    _state("agent.starting", GREY, N_("The agent is starting."),
           N_("Wait a few seconds: it checks ONVIO first."),
           severity=Severity.INFO, hides=("network.", "tls.", *FROM_BELOW)),
    _state("agent.stopped", GREY, N_("The agent is not running on this workstation."),
           N_("Click the icon or run: onvio-agent start"), action=Action.START_AGENT,
           severity=Severity.ERROR, hides=("network.", "tls.", *FROM_BELOW), shown_after_s=0),
    _state("agent.stale", GREY, N_("The last check is too old to be trusted."),
           N_("Click the icon to check now.")),
    _state("agent.version_mismatch", GREY, N_("Agent and icon are of different versions."),
           N_("Restart the agent: onvio-agent stop, then onvio-agent start."),
           action=Action.START_AGENT, hides=("network.", "tls.", *FROM_BELOW)),
    _state("paused", PLAY, N_("The connection is paused."),
           N_("Click the icon or run: onvio-agent resume"), severity=Severity.INFO,
           hides=("network.", "tls.", "agent.stale", *FROM_BELOW)),
    *NETWORK,
    # -- ONVIO itself
    _state("onvio.unavailable", GREY, N_("ONVIO is out of service at the moment."),
           N_("Nothing to do here: the agent comes back by itself."), hides=_ALL_LINKS),
    _state("onvio.limited", GREY, N_("ONVIO asked this office to wait."),
           N_("Nothing to do here: the agent tries again at the time that ONVIO named."),
           hides=_ALL_LINKS),
    _refusal("onvio.on_hold", N_("ONVIO asked this office to wait until {time}."),
             N_("Try again after that; until then nothing can connect the agent.")),
    _state("onvio.unexpected_answer", GREY, N_("ONVIO gave an answer that the agent does not know."),
           N_("The agent tries again by itself; if it lasts, send the logs to your IT support."),
           hides=_ALL_LINKS),
    _state("auth.client_refused", GREY, N_("ONVIO does not accept this agent's registration."),
           N_("Ask your IT support to check onvio.client_id in the settings."),
           action=Action.NONE, severity=Severity.ERROR, hides=_ALL_LINKS),
    _state("auth.blocked", GREY, N_("ONVIO blocked the sign-in after too many tries."),
           N_("Wait some minutes, or reset the password at onvio.com.br/login."),
           severity=Severity.ERROR),
    _refusal("auth.grant_refused", N_("ONVIO does not take e-mail and password from this agent."),
             N_("Sign in by browser (Entrar pelo navegador): repeat with --browser instead of a password.")),
    _refusal("auth.wrong_password", N_("ONVIO refused this e-mail and password."),
             N_("The ONVIO password is meant, not the Domínio one. Forgotten? Reset it at "
                "onvio.com.br/login, [Redefinir sua senha], and wait some minutes.")),
    _refusal("auth.wrong_code", N_("ONVIO refused this code."),
             N_("Give the newest code of the app or the message, as it is now.")),
    _refusal("signin.expired", N_("This sign-in is not open any more."),
             N_("Begin the sign-in again.")),
    _refusal("signin.cancelled", N_("The sign-in in the browser was given up."),
             N_("Begin the sign-in again, and finish it in the browser.")),
    _refusal("signin.no_factor",
             N_("ONVIO asks for a second factor that cannot be given here."),
             N_("Sign in by browser (Entrar pelo navegador): repeat with --browser; or set up an "
                "authenticator app or codes by e-mail or SMS at onvio.com.br/login.")),
    _refusal("signin.other_account", N_("Somebody else signed in on ONVIO's page: {found}."),
             N_("Sign in there as {email}, or name the account that is meant: --email {found}")),
    # -- the Gerente
    _state("manager.missing", GREY, N_("There is no Gerente in this agent yet."),
           N_("Run: onvio-agent setup --login LOGIN --name NAME --password-stdin"),
           action=Action.OPEN_PANEL, hides=("link.", "portal.")),
    _state("manager.waiting", GREY, N_("Waiting for the Gerente."),
           N_("Ask the Gerente to connect first; this user then comes back by itself."),
           action=Action.NONE),
    _state("manager.not_admin", PLAY, N_("The Gerente's ONVIO account must be an administrator's; this is not."),
           N_("Use the account of the office's ONVIO administrator for the Gerente."),
           action=Action.SIGN_IN, severity=Severity.ERROR, hides=("manager.waiting",)),
    _refusal("manager.wrong_password", N_("The Gerente's password in this agent is wrong."),
             N_("It is the password chosen in setup; reset it with: "
                "onvio-agent setup --reset-password")),
    _refusal("manager.locked", N_("Too many wrong passwords of the Gerente."),
             N_("Wait {wait_s} seconds and try again.")),
    _refusal("manager.required", N_("Only the Gerente may do this."),
             N_("Sign in with: onvio-agent login, or pass --as LOGIN --as-password-file FILE. Your own "
                "link you renew yourself where the icon's menu names you as this workstation's user.")),
    _refusal("manager.only", N_("There must always be exactly one active Gerente."),
             N_("Hand the role over first: onvio-agent users promote LOGIN; who leaves does both at once: "
                "onvio-agent inactivate LOGIN --successor LOGIN")),
    _refusal("manager.exists", N_("This agent has a Gerente already: {login}."),
             N_("Forgotten the password? Run: onvio-agent setup --reset-password")),
    _refusal("manager.first", N_("The Gerente must be linked before anybody else."),
             N_("Connect the Gerente first: {command}")),
    _refusal("manager.account_disabled",
             N_("The Gerente's ONVIO account is disabled, so nobody else can connect."),
             N_("Ask ONVIO's support or another ONVIO administrator of the office to enable the account, "
                "then run: onvio-agent reconnect")),
    _refusal("manager.unproven",
             N_("ONVIO does not say whether this account is an administrator."),
             N_("If it is the office's administrator, repeat with --confirm-administrator: "
                "this is recorded.")),
    # -- a user's link
    _state("link.checking", GREY, N_("The link is being checked for the first time."),
           N_("Wait a few seconds."), severity=Severity.INFO),
    _state("link.none", GREY, N_("This user is not linked to ONVIO."),
           N_("The Gerente ticks Utiliza ONVIO in Controle > Permissões > Usuários (onvio-agent "
              "link {login})."),
           action=Action.OPEN_PANEL, severity=Severity.INFO),
    _state("link.session_ended", PLAY, N_("The ONVIO session of this user has ended."),
           N_("Sign in again with the ONVIO e-mail and password: onvio-agent link {login}"),
           action=Action.SIGN_IN,
           severity=Severity.ERROR, hides=("manager.waiting",)),
    _state("link.account_disabled", GREY, N_("This user's ONVIO account is disabled."),
           N_("Ask the office's ONVIO administrator to enable the account, then click the icon."),
           severity=Severity.ERROR, hides=("manager.waiting",)),
    _state("link.second_factor", PLAY, N_("ONVIO asks this user for a second factor."),
           N_("Sign in again and give the code: onvio-agent link {login} (with --otp-stdin where nobody "
              "types)"),
           action=Action.SIGN_IN, hides=("manager.waiting",)),
    _state("link.other_person", PLAY, N_("This e-mail now belongs to another ONVIO person."),
           N_("Sign in again with the right ONVIO account: onvio-agent link {login}"), action=Action.SIGN_IN,
           severity=Severity.ERROR, hides=("manager.waiting",)),
    finding("link.ends_soon", N_("The ONVIO session of this user ends at {time}."),
            N_("Sign in again before then, and nothing stops: onvio-agent link {login}"),
            Severity.WARNING),
    finding("link.name_changed", N_("The name in ONVIO has changed: {before} → {after}."),
            N_("Nothing to do here: it was taken over."), Severity.INFO),
    finding("link.email_changed", N_("The e-mail in ONVIO has changed: {before} → {after}."),
            N_("Nothing to do here: it was taken over."), Severity.INFO),
    finding("link.email_collides",
            N_("In ONVIO this user's e-mail is now {after}, which another user here still holds."),
            N_("Have the other user sign in again, or correct the e-mail in ONVIO: profile picture > "
               "Ver perfil > GERENCIAR CONTA THOMSON REUTERS."), Severity.WARNING),
    _refusal("link.email_taken", N_("This ONVIO e-mail is already linked to {login}."),
             N_("Each user needs an ONVIO account of their own; to reuse it, first run: onvio-agent "
                "inactivate {login}{heir}")),
    _refusal("link.not_linked", N_("This user is not linked to ONVIO."),
             N_("Link first: onvio-agent link {login} --email E-MAIL --password-stdin")),
    _refusal("link.not_online", N_("The agent is not connected, so nobody can be linked now."),
             N_("Connect first (onvio-agent reconnect); the icon must be green.")),
    _refusal("link.other_account", N_("This is not the ONVIO account linked to this user."),
             N_("Sign in with {email}; only the Gerente may link another account.")),
    _refusal("office.unproven", N_("ONVIO does not say which office this account belongs to."),
             N_("If it is this office's, repeat with --confirm-office: this is recorded.")),
    _refusal("office.other", N_("This ONVIO account belongs to another office."),
             N_("Use an account of the same office as the Gerente's.")),
    _state("portal.unconfirmed", PLAY, N_("Utiliza Portal do Cliente is not confirmed yet."),
           N_("Sign in once more with the same ONVIO account: onvio-agent portal {login}"),
           action=Action.SIGN_IN, severity=Severity.INFO, hides=("manager.waiting",)),
    _refusal("portal.other_account", N_("The Portal do Cliente needs the same ONVIO account."),
             N_("Use the account that is linked: {email}")),
    _refusal("portal.disabled", N_("Utiliza Portal do Cliente cannot be ticked now."),
             N_("Click the ONVIO connection icon to connect (onvio-agent reconnect).")),
    _state("user.inactive", GREY, N_("This user is inactive."),
           N_("The Gerente can activate the user again."), action=Action.NONE,
           severity=Severity.INFO),
    _refusal("user.unknown", N_("There is no user {login} in this agent."),
             N_("See the users with: onvio-agent users list")),
    _refusal("user.bad_login", N_("This is no login: {login}"),
             N_("A login is one word as in Domínio, with a letter or digit in it and at most {most} "
                "characters.")),
    _refusal("user.bad_name", N_("This is no name: {name}"),
             N_("Give the person's name, in at most {most} visible characters.")),
    _refusal("user.bad_email", N_("This is no e-mail: {email}"),
             N_("Give the user's e-mail at ONVIO, like name@office.com.br.")),
    _refusal("user.successor_needless", N_("{login} is not the Gerente: nobody need succeed."),
             N_("Repeat without --successor.")),
    _refusal("user.manager_already", N_("{login} is the Gerente already."),
             N_("Name another user, who is linked and confirmed: onvio-agent users list")),
    _refusal("user.exists", N_("There is already a user {login} in this agent."),
             N_("Choose another login.")),
    _refusal("user.inactive_already", N_("The user {login} is inactive already."),
             N_("Nothing to do: there is no link, and the e-mail is free.")),
    _refusal("user.not_active", N_("The user {login} is inactive."),
             N_("Activate first: onvio-agent activate {login}")),
    _refusal("user.still_active", N_("The user {login} is active."),
             N_("Inactivate first: onvio-agent inactivate {login}")),
    _refusal("user.not_confirmed", N_("Inactivating needs a confirmation."),
             N_("Repeat with --yes: it ends {login}'s link and frees the e-mail.")),
    _refusal("user.not_ready", N_("{login} cannot be the Gerente yet."),
             N_("Link and confirm this user first, with the ONVIO administrator's account.")),
    *IMPORT,
    *SYNC,
    # -- what the agent keeps
    _state("vault.locked", GREY, N_("The key that protects the ONVIO sessions cannot be reached."),
           N_("A keyring: unlock it (usually by signing in to the desktop). A file: put vault.key "
              "back into the data folder, readable for this user. The agent then goes on by itself."),
           hides=_ALL_LINKS),
    _state("vault.lost", PLAY, N_("The key that protects the ONVIO sessions is gone."),
           N_("Put the right key back (its place: onvio-agent vault status), then run: onvio-agent "
              "reconnect. Only if it is gone for good, sign in again (onvio-agent link LOGIN): that "
              "may end everybody's sessions."),
           severity=Severity.ERROR, hides=("manager.waiting",)),
    finding("vault.replaced", N_("Another key lies in the place of this agent's."),
            N_("Leave the agent running, move the other key away (keep it, if it is yours), then run: "
               "onvio-agent vault status. The agent puts its own back.")),
    _state("store.corrupt", GREY, N_("The agent's data file was damaged and was set aside."),
           N_("Restore a backup, or run setup and link the users again."), action=Action.OPEN_PANEL,
           severity=Severity.ERROR, hides=("manager.missing",)),
    _state("store.full", GREY, N_("The disk is full: nothing can be saved."),
           N_("Free some space on this disk."), severity=Severity.ERROR, hides=_ALL_LINKS),
    _refusal("store.unwritable", N_("The agent's data cannot be written: {path}"),
             N_("Check the folder's permissions and the disk.")),
    _refusal("store.newer", N_("The data file was written by a newer version of the agent."),
             N_("Install the newer version again, or restore a backup.")),
    *BACKUP,
    _refusal("settings.invalid", N_("The settings have a mistake: {detail}"),
             N_("Correct it and check with: onvio-agent config check")),
    _refusal("settings.locked", N_("The administrator of this machine decides this setting: {detail}"),
             N_("Take it out there, or ask your IT support for another value.")),
    _refusal("autostart.refused", N_("The start at login cannot be changed: {path}"),
             N_("For all users, run the command as the administrator of this machine.")),
    # -- requests of a person
    _refusal("agent.not_running", N_("The agent is not running."),
             N_("Start it with: onvio-agent start")),
    _refusal("agent.already_running", N_("The agent is already running (pid {pid})."),
             N_("Use it as it is, or end it first with: onvio-agent stop")),
    _refusal("agent.not_answering", N_("The agent (pid {pid}) runs but does not answer."),
             N_("End it with: onvio-agent stop --force, then start it again.")),
    _refusal("agent.stranger", N_("Another program answers at the agent's address."),
             N_("Nothing was sent to it. Restart the agent: onvio-agent stop --force, "
                "then onvio-agent start.")),
    _refusal("agent.exposed", N_("Other users can read how to reach the agent: {path}"),
             N_("Nothing was sent. Restart the agent: onvio-agent stop --force, "
                "then onvio-agent start.")),
    _refusal("agent.port_taken", N_("The port {port} is in use by another program."),
             N_("Choose another control.port, or 0 for any free one.")),
    _refusal("agent.start_failed", N_("The agent did not start: {detail}"),
             N_("See the log: onvio-agent logs --offline")),
    _refusal("password.empty", N_("The password is empty."),
             N_("Give the password that works at onvio.com.br/login.")),
    _refusal("password.differs", N_("The two passwords are not the same."),
             N_("Type the same one twice.")),
    _refusal("password.too_short", N_("The password is too short: {least} characters at least."),
             N_("Choose a longer one, and not the Domínio password.")),
    _refusal("request.conflict", N_("{login} was changed by somebody else at the same moment."),
             N_("Look at the user again, then repeat if it is still wanted.")),
    _refusal("request.invalid", N_("The request is not valid: {detail}"),
             N_("Correct it and try again.")),
    _refusal("request.denied", N_("The request was refused: {detail}"),
             N_("Use the agent's own commands or panel.")),
    _refusal("panel.closed", N_("This way into the panel has ended."),
             N_("Open the panel again from the icon's menu, or with: onvio-agent panel")),
    _refusal("panel.no_browser", N_("No browser could be started."),
             N_("Open this link in a browser: onvio-agent panel --print-url")),
    _refusal("internal.error", N_("Something unexpected happened in the agent."),
             N_("Send the log to your IT support: onvio-agent logs")),
)  # fmt: skip

CATALOGUE: dict[str, Reason] = {entry.code: entry for entry in _ENTRIES}
"""Every reason by its code."""


def get(code: str) -> Reason:
    """The entry of `code`; KeyError for a code that was never declared (a bug)."""
    return CATALOGUE[code]


def hides(root: str, consequence: str) -> bool:
    """Whether `root` silences `consequence` (an entry that ends with a dot is a prefix)."""
    return (
        root != consequence
        and root in CATALOGUE
        and any(
            consequence == item or (item.endswith(".") and consequence.startswith(item))
            for item in CATALOGUE[root].hides
        )
    )
