"""How a bug is planted: a piece of one function is written anew, or one name is given another thing.

The production source is compiled with the change and the function's code is swapped, so it is the
same function for whoever has imported it. Everything is put back when the context ends.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import CodeType, FunctionType
from typing import Any

Switch = Callable[[], AbstractContextManager[None]]


class NoSuchPlace(Exception):
    """The production code reads otherwise by now: the mutant must be planted anew."""


def rewritten(function: Any, old: str, new: str) -> Switch:
    """`function` with the one occurrence of `old` in its source replaced by `new`."""

    @contextmanager
    def switch() -> Iterator[None]:
        assert isinstance(function, FunctionType)
        sound = function.__code__
        function.__code__ = _compiled(function, old, new)
        try:
            yield
        finally:
            function.__code__ = sound

    return switch


def given(owner: Any, name: str, thing: Any) -> Switch:
    """`owner.name` is `thing`; for constants and for classes' methods."""

    @contextmanager
    def switch() -> Iterator[None]:
        sound = getattr(owner, name)
        setattr(owner, name, thing)
        try:
            yield
        finally:
            setattr(owner, name, sound)

    return switch


def together(*switches: Switch) -> Switch:
    """All of them at once, for a bug that needs more than one place."""

    @contextmanager
    def switch() -> Iterator[None]:
        with ExitStack() as stack:
            for each in switches:
                stack.enter_context(each())
            yield

    return switch


def _compiled(function: FunctionType, old: str, new: str) -> CodeType:
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(old) != 1:
        raise NoSuchPlace(f"{function.__qualname__}: {source.count(old)} times {old!r}")
    module = compile(
        "from __future__ import annotations\n" + source.replace(old, new), "mutant", "exec"
    )
    for constant in module.co_consts:
        if isinstance(constant, CodeType) and constant.co_name == function.__name__:
            if constant.co_freevars != function.__code__.co_freevars:
                raise NoSuchPlace(f"{function.__qualname__} closes over other names")
            return constant
    raise NoSuchPlace(function.__qualname__)
