"""Words of the delivery's commands that mean nothing: wrong usage, said before anybody is asked."""

from __future__ import annotations

import pytest

from support.deliveries import PADARIA
from support.office import Profile


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", ""),
        ("show", "1234567"),
        ("show", "../../etc"),
        ("show", "a" * 65),
        ("show", "a" * 100_000),
        ("retry", ""),
        ("retry", "--client", " "),
        ("cancel", "xyz"),
        ("list", "--client", ""),
        ("list", "--client", "x" * 5000),
        ("add", ".", "--client", "Padaria"),
        ("add", "/nowhere.xml", "--client", "Padaria"),
        ("client", "add", "", "--cnpj", PADARIA, "--key-stdin", "--folder", "."),
        ("client", "add", "a\tb", "--cnpj", PADARIA, "--key-stdin", "--folder", "."),
        ("client", "add", "Padaria", "--cnpj", "", "--key-stdin", "--folder", "."),
        ("client", "add", "Padaria", "--cnpj", PADARIA, "--key-stdin", "--folder", ""),
        ("client", "add", "Padaria", "--cnpj", PADARIA, "--key-stdin", "--folder", "."),
        ("client", "pause", ""),
        ("client", "resume", " "),
        ("client", "remove", ""),
    ],
)
def test_what_can_mean_nothing_is_wrong_usage_and_asks_nobody(
    profile: Profile, arguments: tuple[str, ...]
) -> None:
    """Without an agent, which would be exit code 3: the words are looked at first."""
    done = profile.cli("sync", *arguments, input="  \n")
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err
