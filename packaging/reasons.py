"""Writes docs/reasons.md from the catalogue of reasons; with --check, only says whether it is old.

Run it after a change of `contract/reasons.py` or of the translations; a test fails until it was run.
It decides nothing: sentences come from the catalogue, their Portuguese from the compiled messages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from onvio_agent.contract.reasons import CATALOGUE, Kind, Reason
from onvio_agent.i18n import _, set_language

ROOT = Path(__file__).parent.parent
DOC_PATH = ROOT / "docs" / "reasons.md"
PRODUCED_PATH = ROOT / "tests" / "support" / "produced.json"
LANGUAGE = "pt_BR"

HEAD = """\
# Reasons

Every sentence the agent can give for a state or a refusal, as `status`, the logs and the exit codes
name it by its code. Made by `packaging/reasons.py` from `contract/reasons.py`: change it there.

- **Icon**: ● green, ▶ play (a click or a sign-in connects), ○ grey (nothing to press yet).
- **Click**: what one click on the icon does.
- **Hides**: the reasons that this one silences, being their cause; a dot at the end means all of them.
- `{words}` in braces are filled in.
- **Test**: the one that has a real agent, its control API or a command give the reason. It fails where it
  does not any more, and a whole run fails where such a test is not there; it tells how many reasons were so
  produced. {count}
"""

SECTIONS = {
    Kind.STATE: ("States", "They explain an icon that is not green."),
    Kind.REFUSAL: (
        "Refusals",
        "They answer a request; nothing was changed. The code comes first on stderr.",
    ),
    Kind.FINDING: ("Findings", "They say of one thing that was looked at what is wrong with it."),
}
ICONS = {"green": "● green", "play": "▶ play", "grey": "○ grey"}


def render() -> str:
    """The whole page."""
    set_language(LANGUAGE)
    produced = json.loads(PRODUCED_PATH.read_text(encoding="utf-8"))
    count = f"Now {len(produced['tests'])} of {len(CATALOGUE)} have one."
    parts = [HEAD.replace("{count}", count)]
    for kind, (title, meaning) in SECTIONS.items():
        entries = [entry for entry in CATALOGUE.values() if entry.kind is kind]
        if entries:
            parts.append(f"## {title}\n\n{meaning}\n\n{_table(kind, entries, produced)}")
    return "\n".join(parts)


def _table(kind: Kind, entries: list[Reason], produced: dict[str, dict[str, str]]) -> str:
    rows: list[tuple[str, ...]]
    if kind is not Kind.STATE:
        rows = [("code", "frase", "próximo passo", "test")]
        rows += [
            (_code(e.code), _(e.title), _(e.next_step), _test(e.code, produced)) for e in entries
        ]
    else:
        rows = [("code", "icon", "frase", "próximo passo", "click", "hides", "test")]
        rows += [
            (
                _code(e.code),
                ICONS[e.icon],
                _(e.title),
                _(e.next_step),
                e.action.replace("_", " "),
                " ".join(_code(item) for item in e.hides),
                _test(e.code, produced),
            )
            for e in entries
        ]
    rule = ("---",) * len(rows[0])
    return "".join(_line(row) for row in (rows[0], rule, *rows[1:]))


def _test(code: str, produced: dict[str, dict[str, str]]) -> str:
    """The test's function, or why there is none."""
    name = produced["tests"].get(code)
    return produced["not_here"][code] if name is None else _code(name.rpartition("::")[2])


def _code(text: str) -> str:
    return f"`{text}`"


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with --check compare it; 1 when it is old."""
    text = render()
    if "--check" in arguments:
        return int(not DOC_PATH.exists() or DOC_PATH.read_text(encoding="utf-8") != text)
    DOC_PATH.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
