"""The message catalogues: `update` from the sources, `compile`, `check`.

    python packaging/messages.py update    new and changed messages into the .po files
    python packaging/messages.py compile   .po to .mo
    python packaging/messages.py check     exit 1 with a list of what is wrong

Two domains: `onvio_agent` (this project's sentences) and `click` (the sentences of the command-line
library, which ships no translations). Translations are edited in the .po files alone.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE_DIR = ROOT / "agent" / "onvio_agent" / "locale"
LANGUAGES = ("pt_BR", "en")
SOURCES = {
    "onvio_agent": (
        ROOT / "agent" / "onvio_agent",
        ROOT / "tray" / "onvio_tray",
        ROOT / "config" / "onvio_config",
    ),
    "click": (Path(click.__file__).parent,),
}
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
SOURCE_LANGUAGE = "en"  # its message ids are its sentences: nothing to translate


def po_path(domain: str, language: str) -> Path:
    """Where the translations of a domain lie."""
    return LOCALE_DIR / language / "LC_MESSAGES" / f"{domain}.po"


def extract(domain: str) -> Catalog:
    """Every message of the sources, without translations."""
    catalog = Catalog(project=domain, charset="utf-8")
    for folder in SOURCES[domain]:
        method_map = [("**.py", "python"), ("**/templates/*.html", "jinja2")]
        for name, _line, message, _comments, context in extract_from_dir(
            str(folder), method_map=method_map, keywords=KEYWORDS
        ):
            if message:
                place = f"{folder.name}/{name}".replace("\\", "/")
                catalog.add(message, None, [(place, 0)], context=context)
    return catalog


def read(domain: str, language: str) -> Catalog:
    """The translations as they are; an empty catalogue where there is no file."""
    path = po_path(domain, language)
    if not path.exists():
        return Catalog(locale=language, project=domain, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def updated(domain: str, language: str) -> Catalog:
    """The translations with the messages that the sources have now."""
    catalog, template = read(domain, language), extract(domain)
    template.creation_date = catalog.creation_date  # else each run would change the file
    catalog.update(template, no_fuzzy_matching=True)
    _set_header(catalog, domain)
    catalog.obsolete.clear()
    if language == SOURCE_LANGUAGE:
        for message in list(catalog):
            if message.id:
                catalog.delete(message.id, message.context)
    return catalog


def _set_header(catalog: Catalog, domain: str) -> None:
    catalog.fuzzy = False
    catalog.header_comment = "# Messages of onvio-agent; see packaging/messages.py."
    catalog.project, catalog.version = domain, "1"
    catalog.revision_date = catalog.creation_date
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "onvio-agent"


def po_text(catalog: Catalog) -> bytes:
    """A .po file: sorted, without line numbers, so that it changes only with its messages."""
    out = io.BytesIO()
    write_po(out, catalog, sort_output=True, include_lineno=False, width=96)
    return out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """A compiled catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def problems() -> Iterator[str]:
    """What is wrong with the catalogues, in words; nothing if all is well."""
    for domain in SOURCES:
        template = extract(domain)
        for language in LANGUAGES:
            catalog, path = read(domain, language), po_path(domain, language)
            place = path.relative_to(ROOT)
            if language != SOURCE_LANGUAGE:
                yield from (
                    f"{place}: missing: {key}" for key in _keys(template) if not _done(catalog, key)
                )
            yield from (
                f"{place}: unused: {key}" for key in _keys(catalog) if key not in _keys(template)
            )
            yield from (f"{place}: fuzzy: {m.id}" for m in catalog if m.id and m.fuzzy)
            yield from (
                f"{place}: {error} in: {m.id}" for m in catalog for error in _field_errors(m)
            )
            compiled = path.with_suffix(".mo")
            if not compiled.exists() or compiled.read_bytes() != mo_bytes(catalog):
                yield f"{compiled.relative_to(ROOT)}: not compiled from its .po"


def _keys(catalog: Catalog) -> list[str]:
    return [m.id if isinstance(m.id, str) else m.id[0] for m in catalog if m.id]


def _done(catalog: Catalog, key: str) -> bool:
    message = catalog.get(key)
    forms = () if message is None else message.string
    return all(forms) if isinstance(forms, tuple) and forms else bool(forms)


def _field_errors(message: Message) -> Iterator[str]:
    """`{field}` names of a translation must be those of its message."""
    if not message.id or not message.string:
        return
    allowed = _fields(" ".join(message.id) if isinstance(message.id, tuple) else message.id)
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    for form in forms:
        if form and not _fields(form) <= allowed:
            yield "unknown field"
        if form and isinstance(message.id, str) and _fields(form) != allowed:
            yield "missing field"


def _fields(text: str) -> set[str]:
    return {part.partition("}")[0].partition("!")[0] for part in text.split("{")[1:]}


def main(arguments: list[str]) -> int:
    """The exit code."""
    if arguments == ["update"]:
        for domain in SOURCES:
            for language in LANGUAGES:
                path = po_path(domain, language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(po_text(updated(domain, language)))
        return 0
    if arguments == ["compile"]:
        for domain in SOURCES:
            for language in LANGUAGES:
                target = po_path(domain, language).with_suffix(".mo")
                target.write_bytes(mo_bytes(read(domain, language)))
        return 0
    if arguments == ["check"]:
        found = list(problems())
        sys.stdout.writelines(f"{problem}\n" for problem in found)
        return 1 if found else 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
