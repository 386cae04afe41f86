"""Coverage-guided fuzzing of the checks: `python -m fuzz.documents CORPUS_DIR [libFuzzer options]`.

Inputs are grown by what new code they reach, from one valid document of every kind and one with each
defect. Whatever comes in, findings of the catalogue must come out, within a time that is counted on
the processor: the machine may be busy with other things. What breaks that is written to `crash-…` in
the current folder.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["onvio_agent.sync"]):
    from onvio_agent.sync import document

from onvio_agent.contract.reasons import CATALOGUE
from support.deliveries import PADARIA
from support.documents import KINDS, defects

SIZE_MAX = 16_384
"""Bytes; larger inputs find nothing new, and slowly."""
CPU_MAX_S = 1.0
"""A thousand times what so many bytes take."""
VALUE_MAX = 400


def try_one(data: bytes) -> None:
    """One input. AssertionError where a promise is broken."""
    began = time.process_time()
    checked = document.check(data, cnpj=PADARIA)
    took_s = time.process_time() - began
    assert took_s < CPU_MAX_S, f"{took_s:.2f} s"
    for finding in checked.findings:
        assert finding.code in CATALOGUE, finding.code
        assert all(len(value) <= VALUE_MAX for value in finding.fields.values()), finding.code
    if checked.access_key is not None:
        assert len(checked.access_key) in (44, 50)
    if checked.refusal is None:
        assert checked.kind is not None


def sow(corpus_dir: Path) -> Path:
    """Write what the search begins with; the path of a dictionary of its words."""
    sown = {f"kind-{kind}": data for kind, data in KINDS.items()}
    sown |= {f"defect-{name.replace(' ', '-')}": data for name, (data, _code) in defects(1).items()}
    words: dict[bytes, None] = {}
    for name, data in sown.items():
        (corpus_dir / name).write_bytes(data[:SIZE_MAX])
        words |= dict.fromkeys(data.replace(b">", b"> ").replace(b"<", b" <").split())
    dictionary_path = corpus_dir.with_name(corpus_dir.name + ".dict")
    dictionary_path.write_text("".join(_entry(word) for word in words if 2 < len(word) < 60))
    return dictionary_path


def _entry(word: bytes) -> str:
    return '"' + "".join(f"\\x{byte:02X}" for byte in word) + '"\n'


def main() -> None:
    """Search until an option or a broken promise ends it."""
    corpus_dir = Path(sys.argv[1])
    options = [f"-dict={sow(corpus_dir)}", f"-max_len={SIZE_MAX}", *sys.argv[2:]]
    atheris.Setup([sys.argv[0], str(corpus_dir), *options], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
