"""Import the office's list of users: add who is new, take over names, note e-mails, and nothing else.

What an import must not do is said in `office/user_import.py`. All of a list is one transaction.
"""

from __future__ import annotations

import msgspec

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.contract.user_import import Outcome
from onvio_agent.office.user_cells import Fault
from onvio_agent.office.user_import import Plan, Step, plan
from onvio_agent.office.user_list import UserList, read_list


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What the list says, what becomes of it, and whether that was `saved`."""

    listed: UserList
    plan: Plan
    saved: bool
    dry_run: bool

    @property
    def faults(self) -> list[Fault]:
        """All that is wrong, by line."""
        return sorted((*self.listed.faults, *self.plan.faults), key=lambda fault: fault.line)


async def import_users(
    desk: Desk, actor: Actor, file: bytes, *, dry_run: bool = False, skip_bad: bool = False
) -> Imported:
    """The list in `file`. Nothing is saved with `dry_run`, nor where a line is bad unless `skip_bad`.

    Raises `Refused`: manager.required, and import.* where the file as a whole is unfit.
    """
    desk.manager_only(actor)
    listed = await desk.exec.run(lambda: read_list(file))  # a full list takes tens of milliseconds
    if dry_run or (listed.faults and not skip_bad):
        made = plan(desk.hub.office, listed.rows)
        return Imported(listed=listed, plan=made, saved=False, dry_run=dry_run)
    made = await desk.store.import_users(listed.rows, skip_bad=skip_bad, at=desk.clock.wall())
    done = Imported(
        listed=listed, plan=made, saved=skip_bad or not made.faults, dry_run=False
    )  # fmt: skip
    if done.saved:
        await desk.reload_office()
        _tell(desk, done)
    return done


def _tell(desk: Desk, done: Imported) -> None:
    counts = dict.fromkeys(Outcome, 0)
    for step in done.plan.steps:
        counts[step.outcome] += 1
        _tell_step(desk, step)
    desk.log.info(
        "users.imported",
        added=counts[Outcome.ADDED],
        renamed=counts[Outcome.RENAMED],
        emails_noted=counts[Outcome.EMAIL_NOTED],
        unchanged=counts[Outcome.UNCHANGED],
        bad=len({fault.line for fault in done.faults}),
    )


def _tell_step(desk: Desk, step: Step) -> None:
    if step.user is None:
        desk.log.info("user.added", user=step.row.login)
    elif step.outcome is Outcome.RENAMED:
        desk.log.info("user.renamed", user=step.user.login)
