"""The office's list of users in the panel: looked at before it is imported, and told when it is none."""

from __future__ import annotations

from pathlib import Path

from support.aio import on_loop
from support.panels import office

LIST = b"login;nome;perfil;situacao;e-mail\ncaio;Caio Braga;;;caio@x.example\n=mau;Mau;;;\n"


def multipart(token: str, data: bytes) -> bytes:
    return (
        b'--limite\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n' + token.encode()
        + b'\r\n--limite\r\nContent-Disposition: form-data; name="list"; filename="l.csv"\r\n'
        + b"Content-Type: text/csv\r\n\r\n" + data + b"\r\n--limite--\r\n"
    )  # fmt: skip


@on_loop
async def test_a_list_is_looked_at_line_by_line_before_anything_is_imported(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as (at, visitor):
        body = multipart(visitor.form_token, LIST)
        kind = "multipart/form-data; boundary=limite"
        answer = await visitor.ask("POST", "/import-users", body, content_type=kind)
        assert answer.status == 303
        seen = await visitor.page("/import-users")
        assert "Linhas com erro" in seen, seen
        assert "Caio Braga" in seen
        assert at.desk.hub.office.find("caio") is None
        await visitor.post("/import-users/save")
        assert at.desk.hub.office.find("caio") is None
        assert "A lista foi importada." in await visitor.post("/import-users/save", skip_bad="on")
        assert at.desk.hub.office.find("caio") is not None
        assert "Conferir" in await visitor.page("/import-users")
        form = (await visitor.ask("GET", "/users/caio")).body.decode()
        assert 'value="caio@x.example"' in form


@on_loop
async def test_a_file_that_is_far_too_large_for_a_list_is_told_so_on_a_page(tmp_path: Path) -> None:
    async with office(tmp_path) as (_at, visitor):
        boundary = "x" * 20
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n'
            f"{visitor.form_token}\r\n--{boundary}\r\n"
            'Content-Disposition: form-data; name="list"; filename="a.xlsx"\r\n\r\n'
        )
        data = head.encode() + b"a" * 400 * 1024 + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        answer = await visitor.ask("POST", "/import-users", data, content_type=kind)
        assert answer.status == 303
        assert "A lista é grande demais" in await visitor.page("/import-users")
        larger = data + b"a" * (3 << 20)  # refused by its length, and still on its way
        answer = await visitor.ask("POST", "/import-users", larger, content_type=kind)
        assert answer.status == 413
        assert "grande demais" in answer.body.decode()
        assert 'href="' + visitor.base + '/import-users"' in answer.body.decode()
