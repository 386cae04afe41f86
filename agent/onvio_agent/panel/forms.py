"""What a form of ours sends, read strictly. Everything in it is foreign; passwords pass through here."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from starlette.requests import Request

from onvio_agent.api.answers import invalid
from onvio_agent.api.bodies import read_body
from onvio_agent.panel.gate import body_max_bytes

TOKEN_FIELD = "form_token"  # noqa: S105 - a name of a field
"""The hidden field that shows that a form is ours."""

FIELDS_MAX = 40
VALUE_MAX = 2000
"""Characters of one field; a file may have more."""

_NAME = re.compile(rb'\bname="([^"\r\n]{1,60})"')


class Form:
    """Texts by name (the last of a name counts), and files by name."""

    def __init__(self, texts: dict[str, str], files: dict[str, bytes]) -> None:
        self._texts = texts
        self.files = files

    def text(self, name: str) -> str:
        """What was typed, or empty."""
        return self._texts.get(name, "")

    def ticked(self, name: str) -> bool:
        """Whether that box is ticked."""
        return name in self._texts


async def read_form(request: Request) -> Form:
    """The request's form; turned away where it is none."""
    data = await read_body(request, body_max_bytes(request.scope["path"]))
    kind, _, rest = request.headers["content-type"].partition(";")
    try:
        if kind.strip().lower() == "multipart/form-data":
            return _multipart(data, rest)
        pairs = parse_qsl(
            data.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(data),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except (ValueError, UnicodeError):
        raise invalid("form", 400) from None
    return Form(_bounded(pairs), {})


def _multipart(data: bytes, parameters: str) -> Form:
    """Raises ValueError where it is not what browsers send."""
    _, _, boundary = parameters.partition("boundary=")
    line = b"--" + boundary.strip().strip('"').encode("ascii")
    first, *parts = (b"\r\n" + data).split(b"\r\n" + line)
    if len(line) < 4 or first or len(parts) > FIELDS_MAX or not parts[-1].startswith(b"--"):
        raise ValueError("multipart")
    pairs, files = [], {}
    for part in parts[:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        found = _NAME.search(head)
        if found is None:
            raise ValueError("multipart")
        if b"filename=" in head:
            files[found[1].decode()] = value
        else:
            pairs.append((found[1].decode(), value.decode()))
    return Form(_bounded(pairs), files)


def _bounded(pairs: list[tuple[str, str]]) -> dict[str, str]:
    if any(len(value) > VALUE_MAX for _name, value in pairs):
        raise invalid("size", 413)
    return dict(pairs)
