"""E-mails that changed at ONVIO (S13): which changes may be taken over together.

Pure. A change is taken over only if, once all are, every e-mail belongs to one user: so two users
who swapped theirs settle in one step, and a real collision is left alone and reported.
"""

from __future__ import annotations

from onvio_agent.office.model import Office, text_key


def settle(office: Office) -> dict[int, str]:
    """User ids and the e-mails to take over now, of all that ONVIO reported."""
    wanted: dict[int, str] = {}
    current: dict[int, str] = {}
    for user in office.users:
        account = user.link.account
        if account is None:
            continue
        current[user.id] = text_key(account.email)
        if user.link.reported_email is not None:
            wanted[user.id] = user.link.reported_email
    while clash := _clashing(current, wanted):
        for user_id in clash:
            del wanted[user_id]
    return wanted


def freed_for(office: Office, user_id: int, email: str) -> dict[int, str]:
    """What others take over when `user_id` is linked with `email` and lets go of an older one.

    Empty where nobody holds it, and where a holder would still hold it: then it is taken.
    """
    others = Office(tuple(user for user in office.users if user.id != user_id))
    holder = others.holder_of_email(email, other_than=user_id)
    taken = settle(others) if holder is not None else {}
    if holder is None or text_key(taken.get(holder.id, email)) == text_key(email):
        return {}
    key = text_key(email)
    return {} if any(text_key(each) == key for each in taken.values()) else taken


def _clashing(current: dict[int, str], wanted: dict[int, str]) -> list[int]:
    final = {**current, **{user_id: text_key(email) for user_id, email in wanted.items()}}
    holders: dict[str, list[int]] = {}
    for user_id, key in final.items():
        holders.setdefault(key, []).append(user_id)
    return [
        user_id
        for user_ids in holders.values()
        if len(user_ids) > 1
        for user_id in user_ids
        if user_id in wanted
    ]
