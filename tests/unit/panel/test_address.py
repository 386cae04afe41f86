"""A name as a part of an address is taken for that name."""

from __future__ import annotations

from urllib.parse import unquote, urljoin

import pytest

from onvio_agent.panel.address import segment


@pytest.mark.parametrize("name", ["ana", ".", "..", "...", "a/b", "a%2Fb", "a?b#c", "São"])
def test_a_name_stays_one_segment_and_can_be_read_back(name: str) -> None:
    path = urljoin("http://agent/panel/users/x", segment(name))
    assert path.startswith("http://agent/panel/users/")
    assert unquote(path.rpartition("/")[2]).strip() == name
