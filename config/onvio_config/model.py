"""Every setting, once: its section, type, bounds, default, unit and the reason for the number.

The loader, the schema, the example file, the documentation and `config show` are made from these
structs, so that a new setting is added here and nowhere else (then run `config/generate.py`).
Nothing here reads files or decides anything.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from onvio_config.text import N_

_HOST = r"[^\s/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\]"
_LOOPBACK = r"localhost|127(\.[0-9]{1,3}){3}|\[::1\]"
_URL = rf"^(https://({_HOST})|http://({_LOOPBACK}))(:[0-9]{{1,5}})?(/[^\s?#]*)?(?![\s\S])"
"""https anywhere; plain http only to this machine. The tail stands for \\Z, which JSON Schema lacks."""

_URL_OR_NOTHING = (
    rf"^(|(https://({_HOST})|http://({_LOOPBACK}))(:[0-9]{{1,5}})?(/[^\s?#]*)?)(?![\s\S])"
)

_PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

_PROXY = rf"^(|none|https?://({_HOST})(:{_PORT})?/?)(?![\s\S])"
"""Never with a password in it: the value is shown by `config show`."""

_ONE_LINE = r"^[^\x00-\x1f\x7f]*(?![\s\S])"


_TIME_OF_DAY = r"^(([01][0-9]|2[0-3]):[0-5][0-9])?(?![\s\S])"


def _url(description: str) -> Meta:
    expected = N_("an https:// address (http:// only to this machine)")
    return Meta(pattern=_URL, max_length=300, description=description, extra={"expected": expected})


def _line(description: str) -> Meta:
    expected = N_("one line of text")
    return Meta(
        pattern=_ONE_LINE, max_length=500, description=description, extra={"expected": expected}
    )


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section."""


class Onvio(Section, frozen=True):
    """Where ONVIO is, and who this installation is to it."""

    api_url: Annotated[str, _url("Address of ONVIO's API.")] = "https://api.onvio.com.br"
    auth_url: Annotated[str, _url("Address of ONVIO's token server, where people sign in.")] = (
        "https://auth.thomsonreuters.com"
    )
    client_id: Annotated[
        str, _line("This installation's registration at the token server; ONVIO hands it out.")
    ] = ""


class Tls(Section, frozen=True):
    """Which certificates are trusted."""

    ca_file: Annotated[
        str,
        _line(
            "PEM file with certificate authorities that are trusted besides those of the "
            "operating system; empty: only those."
        ),
    ] = ""


class Proxy(Section, frozen=True):
    """The way out of the office's network, where it leads through a proxy."""

    url: Annotated[
        str,
        Meta(
            pattern=_PROXY,
            max_length=300,
            description="http://host:port of the proxy; none: no proxy, whatever the system says; "
            "empty: as HTTPS_PROXY or the system say.",
            extra={"expected": N_("http://host:port without a password, none, or nothing")},
        ),
    ] = ""
    user: Annotated[
        str, _line("Name at the proxy; empty: none, or the one that the system's address holds.")
    ] = ""
    password_file: Annotated[
        str, _line("File whose first line is the password at the proxy, readable by you alone.")
    ] = ""


class Probe(Section, frozen=True):
    """The check of the way to ONVIO."""

    interval_s: Annotated[
        float,
        Meta(
            ge=0.2,
            le=3600,
            description="Seconds between two checks of the connection. 30: an outage shows within "
            "a minute at a few bytes a second.",
        ),
    ] = 30.0
    deadline_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=60,
            description="Seconds that one check may take in all. 4: longer than a slow office "
            "line needs, short enough to notice a silent server.",
        ),
    ] = 4.0
    failures_before_offline: Annotated[
        int,
        Meta(
            ge=1,
            le=10,
            description="Checks in a row that must fail before the icon leaves green. 2: a single "
            "lost packet is not an outage.",
        ),
    ] = 2
    valid_min_s: Annotated[
        float,
        Meta(
            ge=0.5,
            le=7200,
            description="Seconds for which a successful check holds at least; three intervals if "
            "that is longer. 90: three checks of 30 s.",
        ),
    ] = 90.0


class Links(Section, frozen=True):
    """The check of each user's link."""

    interval_s: Annotated[
        float,
        Meta(
            ge=0.2,
            le=86400,
            description="Seconds between two checks of one user's link. 300: a revoked account "
            "shows within minutes, and 300 users stay one request a second.",
        ),
    ] = 300.0
    jitter: Annotated[
        float,
        Meta(
            ge=0.0,
            le=0.5,
            description="Part of the interval by which checks are moved at random, so that users "
            "and workstations do not ask all at once.",
        ),
    ] = 0.10
    deadline_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=120,
            description="Seconds that one link check may take in all. 10: it may include a "
            "renewal of the session.",
        ),
    ] = 10.0
    valid_s: Annotated[
        float,
        Meta(
            ge=0.5,
            le=86400,
            description="Seconds for which a successful link check holds. 900: three checks of "
            "300 s.",
        ),
    ] = 900.0
    refresh_after_s: Annotated[
        float,
        Meta(
            ge=1,
            le=86400,
            description="Age in seconds at which a session is renewed even if it has not ended. "
            "3600: an account closed at ONVIO shows within the hour.",
        ),
    ] = 3600.0
    session_warning_s: Annotated[
        float,
        Meta(
            ge=0,
            le=30 * 86400,
            description="Seconds before the end of a session, where ONVIO says it, from which a "
            "warning stands beside green. 36000: a working day, so that in the morning one knows.",
        ),
    ] = 36_000.0


class Retry(Section, frozen=True):
    """How the agent comes back after a trouble."""

    first_s: Annotated[
        float,
        Meta(
            ge=0.05,
            le=60,
            description="Seconds before the first new try; doubled after each failure.",
        ),
    ] = 1.0
    max_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=3600,
            description="Longest wait in seconds between two tries. 30: as often as the ordinary "
            "check, so that trouble never adds load.",
        ),
    ] = 30.0
    after_reset_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=85,
            description="First wait in seconds before a password that was just reset is tried again; the "
            "second is twice and the third four times as long. 60: ONVIO takes it after some "
            "minutes. Not more than 85: it is held for ten minutes at most.",
        ),
    ] = 60.0
    spread_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=600,
            description="Seconds over which the return is spread after ONVIO itself was out of "
            "service. 30: an office's workstations come from one address.",
        ),
    ] = 30.0


class Log(Section, frozen=True):
    """The log files."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least important entries that are written."),
    ] = "info"
    max_mb: Annotated[
        float,
        Meta(
            ge=0.001,
            le=1024,
            description="Megabytes after which a new file is begun. 5: opens in any editor.",
        ),
    ] = 5.0
    files: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Files that are kept, the current one included. 10: at most 50 MB.",
        ),
    ] = 10
    days: Annotated[
        int,
        Meta(
            ge=1,
            le=3650,
            description="Days for which files are kept. 30: a monthly closing can be looked back "
            "at.",
        ),
    ] = 30
    journal: Annotated[
        bool,
        Meta(
            description="Whether entries also go to systemd's journal, their keys as fields; Linux "
            "with systemd only."
        ),
    ] = False


class Store(Section, frozen=True):
    """The data file."""

    path: Annotated[
        str, _line("The data file; empty: agent.db in the data folder. Must be a local disk.")
    ] = ""


class History(Section, frozen=True):
    """What is remembered of the past."""

    retention_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3650,
            description="Days for which changes of state are kept. 400: a year and the month that "
            "closes it.",
        ),
    ] = 400


class Vault(Section, frozen=True):
    """Where the key lies that protects the ONVIO sessions."""

    kind: Annotated[
        Literal["auto", "keyring", "file"],
        Meta(
            description="auto: the system's keyring where one works, else a file that only this "
            "user can read; chosen at the first link and kept."
        ),
    ] = "auto"


class Sync(Section, frozen=True):
    """The delivery of fiscal documents to Domínio."""

    enabled: Annotated[
        bool,
        Meta(
            description="Whether this machine delivers documents. Adding the first client turns it "
            "on as well: one machine of an office does it, and no other."
        ),
    ] = False
    client_id: Annotated[
        str, _line("The integrator's registration at the token server; ONVIO hands it out.")
    ] = ""
    client_secret_file: Annotated[
        str,
        _line(
            "File whose first line is the secret of that registration; no other user may read it."
        ),
    ] = ""
    auth_method: Annotated[
        Literal["body", "basic"],
        Meta(description="How the secret is sent: in the form, or as HTTP Basic."),
    ] = "body"
    scan_interval_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=3600,
            description="Seconds between two looks into the folders. 15: network shares tell of no "
            "changes.",
        ),
    ] = 15.0
    deadline_s: Annotated[
        float,
        Meta(
            ge=0.5,
            le=600,
            description="Seconds that one request may take in all. 60: the largest document over a "
            "slow office line.",
        ),
    ] = 60.0
    resend_after_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="Seconds before a document is sent again whose answer was lost; doubled each "
            "time. 60: by then ONVIO has stored the first one and notices the second.",
        ),
    ] = 60.0
    poll_first_s: Annotated[
        float,
        Meta(
            ge=0.05,
            le=600,
            description="Seconds after which ONVIO is asked what became of a document; doubled up to "
            "a minute, after an hour once an hour. 4: others ask after some 5, and an office sees "
            "the first of a day delivered 5 s after the agent's start.",
        ),
    ] = 4.0
    keep_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3650,
            description="Days for which the contents of delivered documents are kept. 30: a monthly "
            "closing can be looked back at. The record stays.",
        ),
    ] = 30


class Control(Section, frozen=True):
    """The agent's own address on this machine, for tray, panel and commands."""

    port: Annotated[
        int, Meta(ge=0, le=65535, description="Port on 127.0.0.1; 0: any free one.")
    ] = 0
    session_idle_s: Annotated[
        float,
        Meta(
            ge=1,
            le=86400,
            description="Seconds without use after which the Gerente must give the password "
            "again. 900: a coffee, not a lunch.",
        ),
    ] = 900.0


class Metrics(Section, frozen=True):
    """What a monitoring system on this machine may read."""

    access: Annotated[
        Literal["token", "open"],
        Meta(
            description="Who may read /metrics. token: who has the token of token_file; open: every "
            "program and every user of this machine."
        ),
    ] = "token"
    token_file: Annotated[
        str,
        _line(
            "File whose first line is the token of the monitoring system, 16 characters or more; "
            "empty: none. It is read when the agent starts."
        ),
    ] = ""
    users: Annotated[
        Literal["none", "id", "login"],
        Meta(
            description="How users are called in metrics. id: by a number of this agent, such as u3; "
            "login: by their login, which is personal data; none: only sums are told."
        ),
    ] = "id"


class Update(Section, frozen=True):
    """Word of a newer version."""

    url: Annotated[
        str,
        Meta(
            pattern=_URL_OR_NOTHING,
            max_length=300,
            description="Address that is asked once a day for the newest version, as "
            '{"version": "1.2.3", "page": "https://…"}; empty: nobody is asked.',
            extra={"expected": N_("an https:// address (http:// only to this machine), or empty")},
        ),
    ] = ""


class Ui(Section, frozen=True):
    """What people see."""

    language: Annotated[
        Literal["pt_BR", "en"], Meta(description="Language of everything that is shown.")
    ] = "pt_BR"


class Workstation(Section, frozen=True):
    """Who sits here."""

    user: Annotated[
        str,
        _line("Login of the person of this workstation, whom the icon is about; empty: all."),
    ] = ""


class Tray(Section, frozen=True):
    """The icon."""

    backend: Annotated[
        Literal["auto", "sni", "x11", "pystray"],
        Meta(
            description="How the icon gets onto the desktop. auto: what the session offers; sni: "
            "StatusNotifierItem over D-Bus (KDE, GNOME with its extension, Xfce, LXQt); x11: the "
            "system tray of plain X11; pystray: Windows and macOS."
        ),
    ] = "auto"
    notifications: Annotated[
        bool,
        Meta(
            description="Whether the icon speaks up when the connection is lost or documents wait."
        ),
    ] = True
    end_of_day: Annotated[
        str,
        Meta(
            pattern=_TIME_OF_DAY,
            max_length=5,
            description="Time of day, as 17:30, at which the icon tells of documents that still "
            "wait; empty: never. 17:30: before people leave.",
            extra={"expected": N_("a time of day such as 17:30, or empty")},
        ),
    ] = "17:30"


class Settings(Section, frozen=True):
    """All sections."""

    onvio: Onvio = Onvio()
    tls: Tls = Tls()
    proxy: Proxy = Proxy()
    probe: Probe = Probe()
    links: Links = Links()
    retry: Retry = Retry()
    log: Log = Log()
    store: Store = Store()
    history: History = History()
    vault: Vault = Vault()
    sync: Sync = Sync()
    control: Control = Control()
    metrics: Metrics = Metrics()
    update: Update = Update()
    ui: Ui = Ui()
    workstation: Workstation = Workstation()
    tray: Tray = Tray()
