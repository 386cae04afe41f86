"""`POST /v1/users/import` over real sockets: its answer, its bound, and who may."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from onvio_agent.api.bodies import BODY_MAX_BYTES, IMPORT_MAX_BYTES
from onvio_agent.office.user_list import FILE_MAX_BYTES, LINES_MAX
from support.aio import on_loop
from support.apis import Served, served
from support.desks import bench

PATH = "/v1/users/import"
HEAD = "login,nome,perfil,situação,e-mail,ramal"


def body(*lines: str, **more: object) -> dict[str, object]:
    return {"file": b64encode("\n".join((HEAD, *lines)).encode("cp1252")).decode()} | more


async def users(api: Served) -> dict[str, str]:
    return {row["login"]: row["name"] for row in (await api.ask("GET", "/v1/users")).json}


@on_loop
async def test_a_list_is_told_line_by_line_and_saved(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        lines = ("zo\u00e9,Zo\u00e9,Usuário,Ativo,zoe@x.example,5", "ANA,Ana M,,Inativo,,")
        answer = await api.ask("POST", PATH, body(*lines))
        assert answer.status == 200
        report = answer.json
        assert report["users"] == [
            {
                "line": 2,
                "login": "zo\u00e9",
                "name": "Zo\u00e9",
                "situation": "active",
                "email": "zoe@x.example",
                "outcome": "added",
                "former_name": None,
            },
            {
                "line": 3,
                "login": "ana",
                "name": "Ana M",
                "situation": "active",
                "email": None,
                "outcome": "renamed",
                "former_name": "Ana",
            },
        ]
        (note,) = report.pop("notes")
        assert (note["line"], note["column"], note["code"]) == (
            3,
            "situação",
            "import.still_active",
        )
        assert "ana" in note["title"]
        assert "inactivate ana" in note["next_step"]
        rest = {"saved": True, "dry_run": False, "encoding": "windows-1252", "separator": ",", "ignored_columns": ["ramal"], "bad": []}  # fmt: skip
        assert report | rest == report
        assert (await users(api))["zo\u00e9"] == "Zo\u00e9"


@on_loop
async def test_a_bad_line_or_a_dry_run_saves_nothing_and_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        before = await users(api)
        lines = ("zoe,Zoe,,,,", "=rui,Rui,,,,")
        report = (await api.ask("POST", PATH, body(*lines))).json
        assert (report["saved"], [finding["line"] for finding in report["bad"]]) == (False, [3])
        report = (await api.ask("POST", PATH, body(*lines, dry_run=True, skip_bad=True))).json
        assert (report["saved"], len(report["users"])) == (False, 1)
        assert await users(api) == before
        report = (await api.ask("POST", PATH, body(*lines, skip_bad=True))).json
        assert report["saved"]
        assert list(await users(api)) == [*before, "zoe"]


@on_loop
async def test_what_is_unfit_as_a_whole_is_an_error(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        assert (await api.ask("POST", PATH, body("zoe,Zoe,,,,"))).code == "manager.required"
        await api.sign_in()
        for data, status, code in (
            (body(), 409, "import.empty"),
            ({"file": ""}, 409, "import.empty"),
            ({"file": b64encode(b"\0").decode()}, 409, "import.encoding"),
            ({"file": "no base 64!"}, 400, "request.invalid"),
            ({"file": None}, 400, "request.invalid"),
            ({}, 400, "request.invalid"),
            (body("zoe,Zoe,,,,") | {"yes": True}, 400, "request.invalid"),
        ):
            answer = await api.ask("POST", PATH, data)
            assert (answer.status, answer.code) == (status, code)
        assert "zoe" not in await users(api)


@on_loop
async def test_the_largest_list_fits_and_only_here_may_a_body_be_so_large(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, served(at.desk) as api:
        await api.sign_in()
        lines = [f"u{n},{'Nome ' * 36}{n},,,u{n}@x.example," for n in range(LINES_MAX)]
        largest = body(*lines)
        assert BODY_MAX_BYTES < len(str(largest["file"])) <= FILE_MAX_BYTES * 4 // 3
        answer = await api.ask("POST", PATH, largest)
        assert (answer.status, len(answer.json["users"])) == (200, LINES_MAX)
        assert len(await users(api)) == LINES_MAX + 3
        full = {"file": b64encode(b"x" * FILE_MAX_BYTES).decode(), "dry_run": False}
        assert (await api.ask("POST", PATH, full)).code == "import.columns"
        over = {"file": b64encode(b"x" * (FILE_MAX_BYTES + 1)).decode()}
        assert (await api.ask("POST", PATH, over)).code == "import.too_large"
        for path, most in ((PATH, IMPORT_MAX_BYTES), ("/v1/users", BODY_MAX_BYTES)):
            answer = await api.ask("POST", path, b"", content_length=str(most + 1))
            assert answer.status == 413
        answer = await api.ask("POST", f"{PATH}/", b"", content_length=str(IMPORT_MAX_BYTES))
        assert answer.status == 413
