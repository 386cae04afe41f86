"""The checks of documents hold against inputs that are grown by the code that they reach.

FUZZ_S in the environment says for how many seconds; where the fuzzer is not installed, it is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("FUZZ_S", "20"))
TESTS_DIR = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris")
def test_no_grown_input_breaks_a_promise_of_the_checks(tmp_path: Path) -> None:
    corpus_dir = tmp_path / "corpus"
    corpus_dir.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-m", "fuzz.documents", str(corpus_dir)),
            *(f"-max_total_time={SECONDS}", "-timeout=60", "-rss_limit_mb=512"),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS_DIR)},
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )
    broken = {
        path.name: path.read_bytes()[:2000] for path in tmp_path.glob("*-*") if path.is_file()
    }
    assert (done.returncode, broken) == (0, {}), done.stderr[-4000:]
    print(f"\n{done.stderr.splitlines()[-1]}, {len(list(corpus_dir.iterdir()))} inputs kept")
