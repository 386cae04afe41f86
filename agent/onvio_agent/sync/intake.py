"""From a file's bytes to what is taken in: hash, checks, and what keeps it here. Pure, and may be slow:
it is run away from the event loop.
"""

from __future__ import annotations

from hashlib import sha256

from onvio_agent.store.sync_base import Intake, NewDocument, TakenFile
from onvio_agent.sync.archive import ArchiveRefused, Member, members
from onvio_agent.sync.document import check
from onvio_agent.sync.parts import FoundFile

UNRIPE = ("sync.empty", "sync.malformed", "sync.archive", "sync.archive_damaged")
"""What a file also looks like that is still being written: looked at twice before it is believed."""


def taken(file: FoundFile, data: bytes, cnpj: str) -> Intake:
    """What a file of a folder brings; a .zip brings each .xml in it."""
    digest = sha256(data).hexdigest()
    of = TakenFile(path=file.path, sha256=digest, size=file.size, mtime_ns=file.mtime_ns)
    if not data or not file.path.lower().endswith(".zip"):
        return Intake(file=of, documents=(document(file.path, data, cnpj),))
    try:
        found = [_of_archive(file.path, member, cnpj) for member in members(data)]
    except ArchiveRefused as error:
        refused = NewDocument(
            name=file.path, sha256=digest, data=None, refused=error.code, fields=error.fields
        )
        return Intake(file=of, documents=(refused,))
    return Intake(file=of, documents=tuple(found))


def _of_archive(archive: str, member: Member, cnpj: str) -> NewDocument:
    name = f"{archive}/{member.name}"
    if member.data is None:
        return NewDocument(name=name, sha256=None, data=None, refused=member.refused)
    return document(name, member.data, cnpj)


def too_large(file: FoundFile, mib: int) -> Intake:
    """What a file brings that is not even read."""
    refused = NewDocument(
        name=file.path, sha256=None, data=None, refused="sync.too_large", fields={"mib": str(mib)}
    )
    of = TakenFile(path=file.path, sha256=None, size=file.size, mtime_ns=file.mtime_ns)
    return Intake(file=of, documents=(refused,))


def document(name: str, data: bytes, cnpj: str) -> NewDocument:
    """One document with what was found in it; the bytes of a refused one are not kept."""
    checked = check(data, cnpj=cnpj)
    refusal = checked.refusal
    told = refusal or (checked.findings[0] if checked.findings else None)
    return NewDocument(
        name=name,
        sha256=sha256(data).hexdigest(),
        data=data if refusal is None else None,
        kind=checked.kind,
        access_key=checked.access_key,
        refused=refusal.code if refusal else None,
        reason=told.code if told else None,
        fields=told.fields if told else {},
    )


def is_ripe(intake: Intake) -> bool:
    """Whether nothing in it looks like a file that is still being written."""
    return not any(document.refused in UNRIPE for document in intake.documents)
