"""A keyring that is locked for the moment counts as lost."""

from __future__ import annotations

from onvio_agent.actions import check_link
from simulation.mutants.switches import rewritten

NAME = "locked-vault-is-lost"
WHY = "A keyring that is locked for the moment counts as lost."
SEED, HOURS = 1, 24.0

apply = rewritten(check_link._vault_failed, 'if code == "vault.lost":', "if True:")
