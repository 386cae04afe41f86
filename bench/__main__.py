"""`python -m bench [--quick] [--json] [--users N]`: install the agent aside, measure it, print a table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.installed import ROOT, install
from bench.options import read_options


def main() -> int:
    """The exit code of the measurement."""
    read_options()
    with tempfile.TemporaryDirectory(prefix="onvio-bench-env-") as folder:
        python = install(Path(folder) / "env")
        command = [str(python), "-m", "bench.measured", *sys.argv[1:]]
        return subprocess.run(
            command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
