"""*Documentos*: what is where and why, trying again, taking back, pausing a client."""

from __future__ import annotations

from pathlib import Path

from onvio_agent.panel.pages.documents import ROWS_MAX
from onvio_agent.simulator.integration import LeversPatch
from support.aio import on_loop
from support.apis import served
from support.deliverers import deliverer
from support.deliveries import nfe
from support.desks import bench
from support.panels import Visitor


@on_loop
async def test_without_a_client_it_says_not_configured(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        visitor = Visitor(api)
        await visitor.enter()
        page = await visitor.page("/documents")
        assert "Não configurado" in page
        assert "linha de comando. Sobre" in page
        assert "onvio-agent sync client add" in await visitor.page("/about")


@on_loop
async def test_documents_are_counted_listed_and_explained(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        to.put("nota-1.xml", nfe(1))
        to.put("lixo.xml", b"<nothing/>")
        await to.look()
        await to.later(60)
        visitor = Visitor(api)
        await visitor.enter()
        page = await visitor.page("/documents")
        assert "1 entregue" in page
        assert "1 recusado" in page
        assert "nota-1.xml" in page
        refused = await visitor.page("/documents?state=refused")
        assert "lixo.xml" in refused
        assert "nota-1.xml" not in refused
        assert "Não há documentos assim." in await visitor.page("/documents?state=waiting")
        assert "nota-1.xml" in await visitor.page("/documents?state=odd&client=odd&before=x")
        assert "nota-1.xml" in await visitor.page("/documents?client=Padaria")


@on_loop
async def test_what_waits_is_tried_again_and_taken_back(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        to.bench.wire.cut = True
        to.put("nota-1.xml", nfe(1))
        to.put("nota-2.xml", nfe(2))
        await to.look()
        visitor = Visitor(api)
        await visitor.enter()
        page = await visitor.page("/documents")
        assert "Em andamento: 2" in page
        assert "Documentos tentados de novo: " in await visitor.post("/documents/retry")
        found = await to.bench.desk.store.sync.newest_documents(before_id=1 << 60, limit=9)
        assert [document.name for document in found] == ["nota-2.xml", "nota-1.xml"]
        said = await visitor.post("/documents/cancel", sha256=found[0].sha256 or "")
        assert "Documentos cancelados: 1" in said
        again = await visitor.post("/documents/cancel", sha256=found[0].sha256 or "")
        assert "nota-2.xml" in again
        assert "Documentos cancelados" not in again
        unknown = await visitor.post("/documents/retry", sha256="f" * 64)
        assert "Documentos tentados" not in unknown


@on_loop
async def test_what_onvio_never_finishes_is_given_up_after_a_question(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        to.bench.cloud.cloud.set_integration(LeversPatch(processing_s=86_400.0))
        to.put("nota-1.xml", nfe(1))
        await to.through()
        visitor = Visitor(api)
        await visitor.enter()
        (document,) = await to.all()
        sha256 = document.sha256 or ""
        assert "Parar de esperar por ele" in await visitor.page("/documents")
        assert "nota-1.xml?" in await visitor.page(f"/documents/give-up?sha256={sha256}")
        assert (await to.all())[0].state == "accepted"
        assert "Documentos abandonados: 1" in await visitor.post(
            "/documents/give-up", sha256=sha256
        )
        assert await to.states() == [("refused", "sync.given_up")]
        again = await visitor.ask("GET", f"/documents/give-up?sha256={sha256}")
        assert (again.status, "tarde demais" in again.body.decode()) == (409, True)


@on_loop
async def test_what_is_left_in_a_folder_is_counted_with_an_example(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        to.put("LEIA-ME.txt", b"x")
        to.put("nota.pdf", b"x")
        await to.look()
        visitor = Visitor(api)
        await visitor.enter()
        page = await visitor.page("/documents")
        assert "não são .xml nem .zip: 2" in page
        assert "Nada a fazer, a não ser que haja um documento entre eles." in page


@on_loop
async def test_only_the_gerente_pauses_a_client(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        visitor = Visitor(api)
        await visitor.enter()
        assert "Pausar" not in await visitor.page("/documents")
        answer = await visitor.ask(
            "POST", "/documents/client", {"client": "Padaria", "paused": "1"}
        )
        assert answer.status == 403
        await visitor.sign_in()
        assert "Pausado: Padaria" in await visitor.post(
            "/documents/client", client="Padaria", paused="1"
        )
        assert to.sync.clients.named("Padaria").paused
        assert "Continua: Padaria" in await visitor.post("/documents/client", client="Padaria")
        assert not to.sync.clients.named("Padaria").paused


@on_loop
async def test_many_documents_come_in_pages_the_newest_first(tmp_path: Path) -> None:
    async with deliverer(tmp_path) as to, served(to.bench.desk) as api:
        to.bench.wire.cut = True
        for number in range(1, ROWS_MAX + 2):
            to.put(f"nota-{number:03}.xml", nfe(number))
        await to.look()
        visitor = Visitor(api)
        await visitor.enter()
        body = (await visitor.ask("GET", "/documents")).body.decode()
        names = [part.partition("<")[0] for part in body.split('class="name">nota-')[1:]]
        assert len(names) == ROWS_MAX
        assert names[0] == f"{ROWS_MAX + 1:03}.xml"
        older = body.partition("?before=")[2].partition("&")[0]
        second = await visitor.page(f"/documents?before={older}")
        assert "nota-001.xml" in second
        assert "nota-002.xml" not in second
