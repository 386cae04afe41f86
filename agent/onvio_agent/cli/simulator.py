"""`onvio-agent simulator`: serve a simulated ONVIO from this machine.

Why: try, show and test the agent without the real platform.
It must not listen beyond loopback unless told to, and needs no running agent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import click

from onvio_agent.i18n import _
from onvio_agent.simulator.seed import Seed, SeedError, demo_seed, read_seed
from onvio_agent.simulator.serve import PortTaken, Ready, ServeSettings, serve
from onvio_agent.simulator.serve_state import digest_seed

_WRONG_USAGE = 2
_FAILED = 5
_BUILT_IN = "built-in"


@click.command(
    name="simulator",
    help=_("Serve a simulated ONVIO over HTTPS, for trying out and for tests."),
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option(
    "--port",
    type=click.IntRange(0, 65534),
    default=0,
    help=_(
        "Port of the interface; the token server gets the next one. 0: any free pair, at a restart the same."
    ),
)
@click.option(
    "--tls/--no-tls", default=True, help=_("HTTPS with an authority of its own, or plain HTTP.")
)
@click.option(
    "--seed",
    "seed_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("JSON file with the office and its accounts. Without it: a small office."),
)
@click.option(
    "--ready-file",
    "ready_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("JSON file with the addresses, written when they can be used."),
)
@click.option(
    "--state",
    "state_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help=_(
        "Folder that keeps accounts, tokens and authority between runs. Default: beside the ready file."
    ),
)
@click.option(
    "--fresh", is_flag=True, help=_("Begin with the seed, whatever is kept from an earlier run.")
)
@click.option(
    "--allow-remote", is_flag=True, help=_("Allow an address that other machines can reach.")
)
@click.option(
    "--exit-with",
    type=click.IntRange(min=1),
    metavar="PID",
    help=_("End when this process ends."),
)
def command(
    *,
    host: str,
    port: int,
    tls: bool,
    seed_path: Path | None,
    ready_path: Path | None,
    state_dir: Path | None,
    fresh: bool,
    allow_remote: bool,
    exit_with: int | None,
) -> None:
    """Serve until a signal comes. Exit codes: 2 wrong usage, 5 a port or file cannot be used."""
    if not allow_remote and not _is_loopback(host):
        text = _("{host} can be reached from other machines. Use --allow-remote if you mean that.")
        _leave(_WRONG_USAGE, text.format(host=host))
    seed, digest = _choose_seed(seed_path)
    with tempfile.TemporaryDirectory(prefix="onvio-simulator-") as temp_dir:
        kept_dir = state_dir or _beside(ready_path) or Path(temp_dir)
        settings = ServeSettings(
            seed, digest, kept_dir, host, port, tls, ready_path, exit_with, fresh=fresh
        )
        _run(settings, show_accounts=seed_path is None)


def _run(settings: ServeSettings, *, show_accounts: bool) -> None:
    def announce(ready: Ready, seed: Seed) -> None:
        _tell_addresses(ready)
        if show_accounts:
            _tell_accounts(seed)
        sys.stdout.flush()

    try:
        asyncio.run(serve(settings, announce))
    except PortTaken as error:
        text = _("{host} port {port} cannot be used: {detail}. Choose another with --port.")
        detail = error.strerror or ""
        _leave(_FAILED, text.format(host=error.host, port=error.port, detail=detail))
    except OSError as error:
        text = _("The file or folder {path} cannot be used: {detail}")
        _leave(_FAILED, text.format(path=error.filename, detail=error.strerror))
    except KeyboardInterrupt:
        pass


def _choose_seed(path: Path | None) -> tuple[Seed, str]:
    if path is None:
        return demo_seed(lambda _email: secrets.token_urlsafe(9)), _BUILT_IN
    try:
        seed = read_seed(path.read_bytes())
    except OSError as error:
        text = _("The seed file {path} cannot be read: {detail}")
        _leave(_WRONG_USAGE, text.format(path=path, detail=error.strerror))
    except SeedError as error:
        text = _("The seed file {path} is wrong: {detail}")
        _leave(_WRONG_USAGE, text.format(path=path, detail=error))
    return seed, digest_seed(seed)


def _beside(ready_path: Path | None) -> Path | None:
    return ready_path.with_name(f"{ready_path.name}.d") if ready_path else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tell_addresses(ready: Ready) -> None:
    click.echo(_("The simulated ONVIO is ready."))
    click.echo(_("Interface:    {url}").format(url=ready.api_url))
    click.echo(_("Token server: {url}").format(url=ready.auth_url))
    click.echo(_("Control:      {url}").format(url=ready.control_url))
    if ready.ca_file:
        click.echo(_("Authority:    {path}").format(path=ready.ca_file))


def _tell_accounts(seed: Seed) -> None:
    click.echo(_("Accounts of this trial office, with their passwords:"))
    for account in seed.accounts:
        click.echo(f"  {account.email}  {account.password}  {account.role}")


def _leave(code: int, text: str) -> NoReturn:
    click.echo(text, err=True)
    raise SystemExit(code)
