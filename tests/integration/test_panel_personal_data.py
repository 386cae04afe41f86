"""What is kept of one person, in the panel: saved, and erased after a question."""

from __future__ import annotations

import json
from pathlib import Path

from support.aio import on_loop
from support.panels import office
from support.sim import ANA


@on_loop
async def test_what_is_kept_of_a_person_is_saved_and_erased_once_they_are_inactive(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, "gerente", "ana") as (at, visitor):
        saved = await visitor.ask("GET", "/users/ana/data.json")
        assert saved.headers["content-disposition"].startswith("attachment")
        assert json.loads(saved.body)["links"][0]["email"] == ANA
        assert b"sealed" not in saved.body
        page = await visitor.page("/users/ana/data")
        assert "Apagar os dados de" not in page
        form = {"generation": str(at.user("ana").link.generation), "confirmed": "on"}
        said = await visitor.post("/users/ana/erase", **form)
        assert "Passe antes o usuário para Inativo." in said
        await visitor.post("/users/ana/inactivate", confirmed="1")
        assert "Apagar os dados de" in await visitor.page("/users/ana/data")
        await visitor.post("/users/ana/erase", **form)  # of an old page
        form["generation"] = str(at.user("ana").link.generation)
        assert "Nada foi apagado" in await visitor.post(
            "/users/ana/erase", generation=form["generation"]
        )
        assert at.desk.hub.office.find("ana") is not None
        assert "foram apagados" in await visitor.post("/users/ana/erase", **form)
        assert at.desk.hub.office.find("ana") is None
        assert (await visitor.ask("GET", "/users/ana/data")).status == 409
