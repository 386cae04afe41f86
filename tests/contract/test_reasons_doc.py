"""docs/reasons.md says what the catalogue and its translations say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from onvio_agent.contract.reasons import CATALOGUE
from support import produced

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    script = str(ROOT / "packaging" / "reasons.py")
    done = subprocess.run([sys.executable, script, "--check"], check=False)
    assert done.returncode == 0, "run packaging/reasons.py"


def test_every_reason_has_one_row() -> None:
    assert [code for code in CATALOGUE if PAGE.count(f"\n| `{code}` |") != 1] == []


def test_every_reason_has_a_test_that_produces_it_or_a_word_why_none_does() -> None:
    known = produced.read()
    assert sorted([*known["tests"], *known["not_here"]]) == sorted(CATALOGUE)
    missing = []
    for name in known["tests"].values():
        path, _, function = name.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""
        if f"def {function.partition('[')[0]}(" not in source:
            missing.append(name)
    assert missing == []


def test_a_run_tells_what_it_has_not_produced_and_which_test_was_not_there() -> None:
    first, *others = CATALOGUE
    count = f"{len(CATALOGUE)} of {len(CATALOGUE)} reasons were produced on real parts"
    assert produced.told([("one", [first]), ("other", others)], whole=True) == count
    assert produced.told([("other", others)], whole=True).endswith(f"; not: {first}")
    assert "not" not in produced.told([("other", others)], whole=False)
    names = list(dict.fromkeys(produced.read()["tests"].values()))
    assert produced.absent(names) == []
    assert produced.absent(names[1:]) == names[:1]


def test_no_sentence_is_left_untranslated() -> None:
    untranslated = [
        entry.code
        for entry in CATALOGUE.values()
        for text in (entry.title, entry.next_step)
        if f"| {text} |" in PAGE
    ]
    assert not untranslated
