"""Chance is passed in: streams are repeatable and apart from each other, secrets come from the system."""

from __future__ import annotations

import string

from onvio_agent.chance import Streams, SystemEntropy, new_token


def draws(seed: int, name: str) -> list[float]:
    stream = Streams(seed).named(name)
    return [stream.random() for _ in range(5)]


def test_a_run_can_be_repeated_from_its_seed() -> None:
    assert draws(7, "links") == draws(7, "links")


def test_each_concern_and_each_seed_draws_for_itself() -> None:
    assert draws(7, "links") != draws(7, "verdict")
    assert draws(7, "links") != draws(8, "links")


def test_one_more_draw_in_one_place_changes_nothing_elsewhere() -> None:
    streams = Streams(7)
    streams.named("verdict").random()
    assert [streams.named("links").random()] == draws(7, "links")[:1]


def test_a_token_is_64_hex_digits_and_never_the_same() -> None:
    entropy = SystemEntropy()
    tokens = [new_token(entropy) for _ in range(100)]
    assert len(set(tokens)) == 100
    assert all(len(token) == 64 and set(token) <= set(string.hexdigits) for token in tokens)


def test_the_systems_entropy_gives_as_many_bytes_as_were_asked_for() -> None:
    assert [len(SystemEntropy().random_bytes(count)) for count in (0, 1, 16, 32)] == [0, 1, 16, 32]
