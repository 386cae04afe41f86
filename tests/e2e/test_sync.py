"""S14 through the commands: companies, documents, what became of them, and what is refused."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.courier import Courier, delivering_office
from support.deliveries import OFICINA, PADARIA, SECRET, access_key, nfe

ROW_KEYS = [
    "sha256", "file", "client", "kind", "access_key", "state", "reason", "batch_id", "attempts",
    "queued_at", "finished_at",
]  # fmt: skip


@pytest.fixture
def courier(tmp_path: Path) -> Iterator[Courier]:
    """A Gerente, an agent and a simulated ONVIO; no company yet."""
    with delivering_office(tmp_path) as made:
        made.set_up()
        yield made


def test_s14_an_xml_in_the_folder_arrives_and_everybody_sees_where_it_is(courier: Courier) -> None:
    assert courier.must("sync", "status", "--json").json()["is_on"] is False
    said = courier.add_client()
    assert "One machine of an office delivers documents" in said
    assert "This machine delivers documents from now on." in said
    path = courier.put("2026/nota.xml", nfe(1))
    (row,) = courier.wait_states(stored=1)
    assert list(row) == ROW_KEYS
    assert (row["file"], row["client"], row["kind"]) == ("2026/nota.xml", "Padaria", "nfe")
    assert row["access_key"] == access_key(1)
    courier.wait_gone(path)
    ((where, data),) = courier.put_away().items()
    assert where.startswith("enviados/20")
    assert data == nfe(1)
    (stored,) = courier.simulator.control("GET", "documents")
    assert (stored["sha256"], stored["copies"]) == (row["sha256"], 1)
    courier.wait(lambda snapshot: snapshot.sync.stored == 1, "counted")
    shown = courier.must("sync", "show", row["sha256"][:12])
    assert access_key(1) in shown.out
    assert "delivered" in courier.must("sync", "list").out
    for action in ("retry", "cancel"):
        late = courier.cli("sync", action, row["sha256"])
        assert (late.code, late.err.partition(":")[0]) == (4, "sync.delivered")
    copy = courier.home_dir / "copy.xml"
    courier.must("sync", "show", row["sha256"], "--save", str(copy))
    assert copy.read_bytes() == nfe(1)
    again = courier.cli("sync", "show", row["sha256"], "--save", str(copy))
    assert (again.code, again.err.partition(":")[0]) == (4, "backup.exists")


def test_s14_a_refused_one_lies_in_rejeitados_with_a_sentence_in_the_offices_language(
    courier: Courier,
) -> None:
    courier.stop()
    courier.set(UI__LANGUAGE="pt_BR")
    courier.start()
    courier.add_client()
    courier.put("nota.xml", nfe(1, cnpj=OFICINA))
    (row,) = courier.wait_states(refused=1)
    assert row["reason"] == "sync.other_company"
    listed = courier.must("sync", "list").out
    assert f"A empresa {PADARIA} não é emitente nem destinatária do documento." in listed
    assert "sync." not in listed
    courier.wait_for(lambda _rows: "rejeitados/nota.xml" in courier.put_away(), "put away")
    note = courier.put_away()["rejeitados/nota.xml.txt"].decode("utf-8-sig")
    assert "não é emitente nem destinatária" in note
    assert "pasta da empresa correta" in note
    assert courier.simulator.control("GET", "documents") == []


def test_s14_no_secret_of_the_delivery_is_written_anywhere_in_the_open(courier: Courier) -> None:
    courier.add_client()
    courier.put("nota.xml", nfe(1))
    courier.wait_states(stored=1)
    (courier.home_dir / "secret").unlink()
    written = courier.everything_written()
    for secret in (SECRET, "chave-1", "ik.", "at."):
        assert secret.encode() + b"\n" not in written
    assert SECRET.encode() not in written
    assert b"chave-1" not in written


def test_a_key_of_another_company_enables_nothing(courier: Courier) -> None:
    courier.folder.mkdir()
    arguments = ("sync", "client", "add", "Oficina", "--key-stdin", "--folder", str(courier.folder))
    wrong = courier.cli(*arguments, "--cnpj", OFICINA, *courier.acting, input="chave-1\n")
    assert (wrong.code, wrong.err.partition(":")[0]) == (4, "sync.key_of_other")
    bad = courier.cli(*arguments, "--cnpj", "123", *courier.acting, input="chave-1\n")
    assert (bad.code, bad.err.partition(":")[0]) == (4, "sync.cnpj")
    nobody = courier.cli(*arguments, "--cnpj", OFICINA, input="chave-2\n")
    assert (nobody.code, nobody.err.partition(":")[0]) == (4, "manager.required")
    inside = str(courier.home_dir / "data")
    own = courier.cli(
        "sync", "client", "add", "Padaria", "--cnpj", PADARIA, "--key-stdin",
        "--folder", inside, *courier.acting, input="chave-1\n",
    )  # fmt: skip
    assert (own.code, own.err.partition(":")[0]) == (4, "sync.folder_own")
    for refused in (wrong, bad, nobody, own):
        assert "machine" not in refused.out
    paths = [entry["path"] for entry in courier.simulator.journal()]
    assert not [path for path in paths if path.endswith("activation/enable")]
    assert courier.must("sync", "client", "list", "--json").json() == []


def test_a_company_can_be_paused_and_removed(courier: Courier) -> None:
    courier.add_client(cnpj="12.ABC.345/01DE-35")
    courier.must("sync", "client", "pause", "Padaria", *courier.acting)
    shown = courier.must("sync", "status").out
    assert "Padaria: paused" in shown
    assert "onvio-agent sync client resume Padaria" in shown
    path = courier.put("nota.xml", nfe(1))
    courier.wait_for(lambda _rows: "nota.xml" in courier.must("sync", "status").out, "told")
    (told,) = courier.must("sync", "client", "list", "--json").json()
    assert [(left["reason"], left["count"]) for left in told["left"]] == [("sync.left_paused", 1)]
    again = courier.cli("sync", "add", str(path), "--client", "Padaria")
    assert again.code == 0
    (client,) = courier.must("sync", "client", "list", "--json").json()
    assert (client["paused"], client["cnpj"]) == (True, PADARIA)
    assert [row["state"] for row in courier.listed()] == ["queued"]
    busy = courier.cli("sync", "client", "remove", "Padaria", *courier.acting)
    assert (busy.code, busy.err.partition(":")[0]) == (4, "sync.client_busy")
    courier.must("sync", "client", "resume", "Padaria", *courier.acting)
    courier.wait_states(stored=1)
    assert "paused" not in courier.must("sync", "status").out
    courier.must("sync", "client", "pause", "Padaria", *courier.acting)
    assert (
        "goes on"
        in courier.must("sync", "client", "pause", "Padaria", "--off", *courier.acting).out
    )
    courier.must("sync", "client", "remove", "Padaria", *courier.acting)
    assert courier.listed() == []


def test_documents_can_be_given_by_hand_tried_again_and_taken_back(
    courier: Courier, tmp_path: Path
) -> None:
    courier.add_client()
    good, bad = tmp_path / "boa.xml", tmp_path / "ruim.xml"
    good.write_bytes(nfe(1))
    bad.write_bytes(b"<html/>")
    given = courier.cli("sync", "add", str(good), str(bad), "--client", "padaria")
    assert given.code == 4
    assert "sync.kind" in given.err
    rows = courier.wait_states(stored=1, refused=1)
    assert good.read_bytes() == nfe(1)
    (sha256,) = [row["sha256"] for row in rows if row["state"] == "refused"]
    assert courier.cli("sync", "retry", sha256).err.startswith("sync.not_retried")
    gone = courier.cli("sync", "show", sha256, "--save", str(tmp_path / "nothing"))
    assert (gone.code, gone.err.partition(":")[0]) == (4, "sync.content_gone")
    assert courier.cli("sync", "cancel", sha256).err.startswith("sync.not_cancelled")
    assert courier.cli("sync", "show", "0" * 64).err.startswith("sync.document_unknown")
    assert courier.must("sync", "retry").out.strip().endswith("0")
    unknown = courier.cli("sync", "add", str(good), "--client", "nobody")
    assert unknown.err.startswith("sync.client_unknown")


def test_without_a_registration_no_company_can_be_added(courier: Courier) -> None:
    courier.stop()
    courier.set(SYNC__CLIENT_SECRET_FILE="")
    courier.start()
    courier.folder.mkdir()
    refused = courier.cli(
        "sync", "client", "add", "Padaria", "--cnpj", PADARIA, "--key-stdin",
        "--folder", str(courier.folder), *courier.acting, input="chave-1\n",
    )  # fmt: skip
    assert (refused.code, refused.err.partition(":")[0]) == (4, "sync.not_set_up")


@pytest.mark.parametrize("command", ["status", "list", "retry"])
def test_without_an_agent_every_command_exits_3_and_prints_nothing(
    courier: Courier, command: str
) -> None:
    courier.stop()
    done = courier.cli("sync", command)
    assert (done.code, done.out) == (3, "")


def test_files_of_all_sorts_can_be_given_by_hand(courier: Courier, tmp_path: Path) -> None:
    courier.add_client()
    os.mkfifo(tmp_path / "pipe.xml")  # nobody writes into it
    for endless in ("/dev/zero", str(tmp_path / "pipe.xml")):
        given = courier.cli("sync", "add", endless, "--client", "Padaria")
        assert (given.code, "sync.no_file" in given.err) == (4, True)
    odd = tmp_path / os.fsdecode(b"inv\xff.xml")
    odd.write_bytes(nfe(7))
    refused = courier.cli("sync", "add", str(odd), "--client", "Padaria")
    assert (refused.code, "not text" in refused.err) == (2, True)
    assert courier.listed() == []
    with zipfile.ZipFile(tmp_path / "mes.zip", "w") as archive:
        archive.writestr("a/nota.xml", nfe(1))
        archive.writestr("mais.zip", b"")
    month = courier.cli("sync", "add", str(tmp_path / "mes.zip"), "--client", "Padaria")
    assert (month.code, "sync.archive_nested" in month.err) == (4, True)
    (row,) = courier.wait_states(stored=1)
    assert row["file"] == "mes.zip_a_nota.xml"


def test_what_is_left_in_a_folder_is_told(courier: Courier) -> None:
    courier.add_client()
    courier.put(os.fsdecode(b"inv\xff.xml"), nfe(1))
    courier.put("nota.pdf", b"%PDF")
    courier.put("nota.xml", nfe(2))
    courier.wait_states(stored=1)
    (client,) = courier.must("sync", "status", "--json").json()["clients"]
    told = {left["reason"]: (left["count"], left["example"]) for left in client["left"]}
    assert told == {
        "sync.left_name": (1, "inv\\udcff.xml"),
        "sync.left_other": (1, "nota.pdf"),
    }
    shown = courier.must("sync", "status").out
    assert "not UTF-8" in shown
    assert "nota.pdf" in shown
