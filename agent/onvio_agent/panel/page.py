"""How a page is declared: its place in the menu, and what answers which request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.responses import Response

from onvio_agent.panel.turn import Turn

Answer = Callable[[Turn], Awaitable[Response]]


class Handler(NamedTuple):
    """`path` is below the panel's own, with `{login}` and the like. `back`: where a refusal is shown."""

    method: str
    path: str
    answer: Answer
    back: str


class Page(NamedTuple):
    """`label`: its name in the menu, a message id; empty: it is not in the menu."""

    label: str
    handlers: tuple[Handler, ...]

    @property
    def path(self) -> str:
        """Where the menu leads."""
        return self.handlers[0].path


def get(path: str, answer: Answer) -> Handler:
    """A page that is shown."""
    return Handler("GET", path, answer, "/")


def post(path: str, answer: Answer, back: str = "") -> Handler:
    """A form that is sent; its answer leads to a page (`Turn.go`)."""
    return Handler("POST", path, answer, back or path)
