"""Rung *link*: what the running agent says of its users. It alone may use their sessions."""

from __future__ import annotations

from onvio_agent.checks.finding import Broken, Untried
from onvio_agent.contract.status import IconState, Snapshot
from onvio_agent.errors import AgentError, fill
from onvio_agent.i18n import _

_RUNGS_BELOW = ("agent.", "network.", "tls.", "clock.", "onvio.")


async def check(agent: Snapshot | AgentError | None) -> str:
    """Who is connected; the icon's reason where that is none of the rungs below, with the login of the
    first user who has it. `agent`: what it shows, why it does not answer, or None without one."""
    if agent is None:
        raise Untried(_("the agent is not running"))
    if isinstance(agent, AgentError):
        raise Broken(agent.code, str(agent.fields.get("pid", "")))
    snapshot, icon = agent, agent.icon
    if icon.state is IconState.GREEN or icon.reason is None:
        green = sum(user.icon.state is IconState.GREEN for user in snapshot.users)
        return fill(_("{n} of {all} users connected"), {"n": green, "all": len(snapshot.users)})
    if icon.reason.startswith(_RUNGS_BELOW):
        raise Untried(fill(_("the agent shows {reason}"), {"reason": icon.reason}))
    whose = next((user.login for user in snapshot.users if user.icon.reason == icon.reason), None)
    raise Broken(icon.reason, whose or _("as the agent shows it"))
