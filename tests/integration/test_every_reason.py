"""What the catalogue has for documents and lists, each given by a real agent or its control API."""

from __future__ import annotations

import io
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from onvio_agent.errors import AgentError
from onvio_agent.office.user_list import FILE_MAX_BYTES
from onvio_agent.sync.archive import MEMBERS_MAX
from onvio_agent.sync.document import BYTES_MAX
from support import zips
from support.aio import on_loop
from support.apis import served
from support.courier import Courier, delivering_office
from support.deliveries import BATCHES, OFICINA, nfe
from support.desks import bench
from support.documents import defects
from support.sim import ANA, BRUNO

HEAD = "login;nome;perfil;situação;e-mail"


@pytest.fixture
def courier(tmp_path: Path) -> Iterator[Courier]:
    with delivering_office(tmp_path) as made:
        made.ready()
        yield made


def zipped(count: int, name: str = "nota{n}.xml", data: bytes = b"x") -> bytes:
    """A .zip of so many members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(count):
            archive.writestr(name.format(n=n), data)
    return out.getvalue()


def test_every_defect_of_a_document_is_told_by_its_name(courier: Courier) -> None:
    wanted = {}
    for number, (data, code) in enumerate(defects(1).values()):
        courier.put(f"{number}.xml", defects(number + 1)[[*defects(1)][number]][0])
        wanted[f"{number}.xml"] = code
        assert data
    more = {
        "large.xml": (b"<a>" + b" " * BYTES_MAX + b"</a>", "sync.too_large"),
        "no.zip": (b"PK no archive", "sync.archive"),
        "empty.zip": (zipped(1, "leia.txt"), "sync.archive_empty"),
        "secret.zip": (zips.with_password(zips.zipped("a.xml")), "sync.archive_password"),
        "torn.zip": (zips.damaged(zips.zipped("a.xml"), "a.xml"), "sync.archive_damaged"),
        "many.zip": (zipped(MEMBERS_MAX + 1), "sync.archive_bounds"),
    }
    for name, (data, code) in more.items():
        courier.put(name, data)
        wanted[name] = code
    wanted["torn.zip/a.xml"] = wanted.pop("torn.zip")
    rows = courier.wait_states(refused=len(wanted))
    assert {row["file"]: row["reason"] for row in rows} == wanted


def test_what_is_odd_and_yet_delivered_is_told_too(courier: Courier) -> None:
    text = nfe(1).decode()
    bare = text[text.index("<NFe>") : text.index("<protNFe")]
    spaced = bare.replace("<NFe>", '<NFe xmlns="http://www.portalfiscal.inf.br/nfe">')
    courier.put("bare.xml", spaced.encode())
    courier.put("marked.xml", b"\xef\xbb\xbf" + nfe(2))
    courier.wait_states(stored=2)
    said = courier.must("logs", "--json").out
    assert "sync.no_protocol" in said
    assert "sync.byte_order_mark" in said


OUTCOMES = {
    "EA13": "sync.company_unknown",
    "EA0": "sync.rejected",
    "EA10": "sync.already_there",
    "SX7": "sync.pending",
}


def test_what_onvio_says_of_a_document_is_told_by_its_name(courier: Courier) -> None:
    for number, (code, reason) in enumerate(OUTCOMES.items()):
        courier.simulator.control("POST", "integration", {"outcome": {"code": code}})
        courier.put(f"{number}.xml", nfe(number + 1))
        courier.wait_for(
            lambda rows, wanted=reason: wanted in [row["reason"] for row in rows],  # type: ignore[misc]
            reason,
        )


def test_an_answer_that_was_lost_and_a_document_taken_back(courier: Courier) -> None:
    courier.must("sync", "client", "pause", "Padaria", *courier.acting)
    given = courier.home_dir / "outra.xml"
    given.write_bytes(nfe(2))
    courier.must("sync", "add", str(given), "--client", "Padaria")
    (row,) = courier.wait_states(queued=1)
    courier.must("sync", "cancel", row["sha256"])
    assert [row["reason"] for row in courier.listed()] == ["sync.cancelled"]
    courier.simulator.fault("reset", "api", times=1, value="after", path=BATCHES)
    courier.must("sync", "client", "pause", "Padaria", "--off", *courier.acting)
    courier.put("nota.xml", nfe(1))
    courier.wait_for(
        lambda rows: "sync.answer_lost" in [row["reason"] for row in rows], "an answer lost"
    )


def test_what_is_wrong_with_a_company_is_told_by_its_name(courier: Courier) -> None:
    elsewhere = courier.home_dir.with_name("elsewhere")
    elsewhere.mkdir()

    def add(name: str, cnpj: str, key: str, folder: Path) -> str:
        done = courier.cli(
            "sync", "client", "add", name, "--cnpj", cnpj, "--key-stdin",
            "--folder", str(folder), *courier.acting, input=key + "\n",
        )  # fmt: skip
        assert done.code != 0
        return done.err.partition(":")[0]

    assert add("Padaria", OFICINA, "chave-2", elsewhere) == "sync.client_exists"
    assert add("Oficina", OFICINA, "another", elsewhere) == "sync.key_refused"
    assert add("Oficina", OFICINA, "chave-2", courier.folder) == "sync.folder_taken"
    with pytest.raises(AgentError) as raised, courier.manager() as agent:
        agent.sync.add_client("Oficina", OFICINA, "chave-2", str(elsewhere / "nowhere"))
    assert raised.value.code == "sync.folder"
    with pytest.raises(AgentError) as raised, courier.manager() as agent:
        agent.sync.add_client(" ", OFICINA, "chave-2", str(elsewhere))
    assert raised.value.code == "sync.client_unnamed"
    large = courier.home_dir / "large.xml"
    large.write_bytes(b" " * (BYTES_MAX + 1))
    too_large = courier.cli("sync", "add", str(large), "--client", "Padaria")
    assert "sync.document_too_large: " in too_large.err


@pytest.mark.parametrize(
    ("secret", "reason"), [("another", "sync.client_refused"), (None, "sync.secret_unreadable")]
)
def test_a_program_that_onvio_does_not_know_is_told(
    courier: Courier, secret: str | None, reason: str
) -> None:
    courier.stop()
    path = courier.home_dir / "secret"
    path.unlink() if secret is None else path.write_text(secret)
    courier.start()
    courier.simulator.control("POST", "integration/revoke")
    courier.put("nota.xml", nfe(1))
    held = courier.must("sync", "status", "--json").json()["held"]
    deadline = time.monotonic() + 15
    while held is None or held["reason"] != reason:
        assert time.monotonic() < deadline, held
        time.sleep(0.1)
        held = courier.must("sync", "status", "--json").json()["held"]


LINES = {
    "ana maria;X;;;": "import.login",
    "a\u202ena;X;;;": "import.cell_unprintable",
    f"{'a' * 201};X;;;": "import.cell_too_long",
    "=x;X;;;": "import.formula",
    ";X;;;": "import.cell_empty",
    "zoe;X;Chefe;;": "import.perfil",
    "zoe;X;;Férias;": "import.situation",
    "zoe;X;;;ana": "import.email",
    'zoe;"X;;;': "import.quotes",
    "zoe;X": "import.cells",
    f"zoe;{'x' * 5000};;;": "import.line_too_long",
    "zoe;X;;;\nzoe;Y;;;": "import.login_twice",
    "zoe;X;;;a@b.example\nbia;Y;;;a@b.example": "import.email_twice",
    "zoe;X;Gerente;;": "import.manager",
}
NOTES = {
    "ana;Ana;;Inativo;": "import.still_active",
    "bruno;Bruno;;Ativo;": "import.still_inactive",
    f"ana;Ana;;;{BRUNO}": "import.email_other",
    f"zoe;Zoe;;;{ANA}": "import.email_held",
}
FILES = {
    b"\x81\x8d" + HEAD.encode(): "import.encoding",
    b"": "import.empty",
    b"login;nome\nana;Ana": "import.columns",
    f"{HEAD};NOME\nana;Ana;;;;".encode(): "import.column_twice",
    HEAD.encode() + b"\n" * (FILE_MAX_BYTES + 1): "import.too_large",
}


@on_loop
async def test_every_fault_of_a_list_of_users_is_told_by_its_name(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await at.connect("gerente", "ana")
        await api.sign_in()
        await api.ask("POST", "/v1/users/bruno/inactivate", {"confirmed": True})
        path = "/v1/users/import"

        def body(data: bytes) -> dict[str, object]:
            return {"file": b64encode(data).decode(), "dry_run": True}

        for lines, code in LINES.items():
            report = (await api.ask("POST", path, body(f"{HEAD}\n{lines}".encode()))).json
            assert code in [each["code"] for each in report["bad"]], (lines, report)
        for lines, code in NOTES.items():
            report = (await api.ask("POST", path, body(f"{HEAD}\n{lines}".encode()))).json
            assert [each["code"] for each in report["notes"]] == [code], (lines, report)
        for data, code in FILES.items():
            assert (await api.ask("POST", path, body(data))).code == code
