"""The command line's frame: the table of commands, and the edge where errors become exit codes.

A command lives in `onvio_agent.cli.<name>` as `command` and is imported when it is used; the table
holds what `--help` needs. A callback returns its exit code (None: 0) or raises; the sentence, the
code and where the traceback goes are decided here and nowhere else.

    0 done, green · 1 not connected · 2 wrong usage · 3 no agent · 4 refused by a rule · 5 failed
    130 interrupted · 141 the reader of the output went away
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Mapping, Sequence

import click

from onvio_agent import __version__
from onvio_agent.cli.frame import Invocation
from onvio_agent.i18n import LOCALE_DIR, N_, _, current_language, set_language
from onvio_config.hint import language_hint

PROGRAM = "onvio-agent"
COMPLETION_VARIABLE = "_ONVIO_AGENT_COMPLETE"
_FAILED, _USAGE, _INTERRUPTED, _PIPE_CLOSED = 5, 2, 130, 141

COMMANDS: dict[str, str] = {
    "demo": N_("Show everything at work against a simulated ONVIO."),
    "setup": N_("Create the Gerente of this agent and the Gerente's password."),
    "login": N_("Sign in as the Gerente for the next commands."),
    "logout": N_("End the Gerente's session."),
    "run": N_("Run the agent in the foreground."),
    "start": N_("Start the agent in the background."),
    "stop": N_("End the agent."),
    "status": N_("Show whether this office is connected to ONVIO."),
    "reconnect": N_("Check now and connect again."),
    "pause": N_("Pause the connection."),
    "resume": N_("End the pause and connect again."),
    "users": N_("List, add, import and show users; hand over the Gerente's role."),
    "link": N_("Link a user to an ONVIO account (Utiliza ONVIO)."),
    "portal": N_("Confirm Utiliza Portal do Cliente for a linked user."),
    "inactivate": N_("Set a user to Inativo and free the e-mail."),
    "activate": N_("Set a user to Ativo again."),
    "sync": N_("Deliver fiscal documents to Domínio: clients, documents, state."),
    "revoke": N_("End every user's ONVIO session, as before an uninstall."),
    "vault": N_("Show or change the key that protects the ONVIO sessions."),
    "backup": N_("Save users, links, history and documents to a file."),
    "restore": N_("Put back what a backup holds; what is here now is kept aside."),
    "doctor": N_("Find out what is broken on the way to ONVIO."),
    "support-bundle": N_("Write what a support person needs, names masked, to a .zip."),
    "panel": N_("Open the panel in a browser."),
    "logs": N_("Read the agent's log."),
    "autostart": N_("Start the icon and the agent at login, or not."),
    "config": N_("Show and check the settings."),
    "simulator": N_("Run a simulated ONVIO, for demonstrations and tests."),
}
"""Every command and its line in the help, in the order of the help."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"onvio_agent.cli.{cmd_name.replace('-', '_')}")
        found = module.command
        if not isinstance(found, click.Command):
            raise TypeError(f"{module.__name__}.command is not a command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing a single command."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, line in COMMANDS.items()])


def build_group(environ: Mapping[str, str]) -> click.Group:
    """The whole command line in the current language."""

    def begin(ctx: click.Context, assignments: tuple[str, ...]) -> None:
        ctx.obj = Invocation(environ, tuple(_assignment(text) for text in assignments))
        if assignments:
            ctx.obj.settings  # noqa: B018 - a mistake is told also by commands that need none of them

    return LazyGroup(
        PROGRAM,
        callback=click.pass_context(begin),
        help=_("Keeps this office connected to ONVIO and says truly whether it is."),
        epilog=_("Not affiliated with Thomson Reuters."),
        context_settings={"help_option_names": ["-h", "--help"]},
        params=[
            click.Option(
                ["--set", "assignments"],
                multiple=True,
                metavar="SECTION.KEY=VALUE",
                help=_("Change a setting for this call only; may be repeated."),
            ),
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_show_version,
                help=_("Show the version and exit."),
            ),
        ],
    )


def _assignment(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(_("--set needs SECTION.KEY=VALUE."))
    return key.strip(), value


def _show_version(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from onvio_agent.cli.newer import tell_newer  # what only this needs

        click.echo(f"{PROGRAM} {__version__}")
        tell_newer(os.environ)
        ctx.exit()


def main() -> None:
    """The console script."""
    if COMPLETION_VARIABLE in os.environ:
        build_group(os.environ).main(prog_name=PROGRAM, complete_var=COMPLETION_VARIABLE)
    code = run(sys.argv[1:], os.environ)
    sys.exit(code)


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """One call of the command line; the exit code. Never raises but for SystemExit."""
    _tolerate_poor_encodings()
    set_language(language_hint(environ))
    _speak_in_click()
    try:
        code = _invoke(arguments, environ)
        sys.stdout.flush()
    except BrokenPipeError:
        return _silence()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Exception as error:
        from onvio_agent.cli.edge import explain  # what only an error needs

        return explain(error, arguments, environ)
    return code


def _invoke(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    group = build_group(environ)
    if not all(_is_text(word) for word in arguments):
        raise click.UsageError(_("An argument is not text in this terminal's encoding."))
    try:
        with group.make_context(PROGRAM, list(arguments)) as ctx:
            result = group.invoke(ctx)
    except click.exceptions.Exit as error:
        return error.exit_code
    return result if isinstance(result, int) else 0


def _speak_in_click() -> None:
    """Click's own sentences in our language: it asks gettext's default domain, by LANGUAGE."""
    import gettext

    gettext.bindtextdomain("click", LOCALE_DIR)
    gettext.textdomain("click")
    os.environ["LANGUAGE"] = current_language()


def _is_text(word: str) -> bool:
    """Whether its bytes could be read in the locale's encoding."""
    return not any("\ud800" <= char <= "\udfff" for char in word)


def _tolerate_poor_encodings() -> None:
    """A character that the terminal lacks becomes `?`, not a traceback; what is closed swallows."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - it lasts as long as the process
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115 - the same
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _silence() -> int:
    """Give stdout a place to go, so that the interpreter's last flush does not complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.EMFILE:
            return _FAILED
    return _PIPE_CLOSED
