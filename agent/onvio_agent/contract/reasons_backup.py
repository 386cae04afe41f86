"""The reasons of a backup, of a restore and of a support bundle.

A part of the catalogue (`reasons.py`), which alone is read by others.
"""

from __future__ import annotations

from onvio_agent.contract.reason import N_, Reason, refusal

BACKUP: tuple[Reason, ...] = (
    refusal(
        "backup.exists",
        N_("There is already a file of this name: {path}"),
        N_("Choose another name."),
    ),
    refusal(
        "backup.nothing",
        N_("There is nothing to save yet: {path}"),
        N_("Run setup first, or name the right profile."),
    ),
    refusal(
        "backup.damaged",
        N_("This backup is damaged: {path}"),
        N_("Nothing was changed. Take another copy of it."),
    ),
    refusal(
        "backup.foreign",
        N_("This is no backup of the agent: {path}"),
        N_("Nothing was changed. Give the file that backup wrote."),
    ),
    refusal(
        "backup.too_large",
        N_("This backup is too large: {path}"),
        N_("Nothing was changed. Give the file that backup wrote."),
    ),
    refusal(
        "backup.not_confirmed",
        N_("This replaces what the agent keeps here now."),
        N_("Repeat with --yes: what is here now is kept aside."),
    ),
    refusal(
        "bundle.exists",
        N_("There is already a file of this name: {path}"),
        N_("Choose another name."),
    ),
    refusal(
        "vault.not_confirmed",
        N_("Giving up the key needs a confirmation."),
        N_(
            "Repeat with --yes: everybody signs in to ONVIO again, and the integration keys of the "
            "companies are entered again."
        ),
    ),
    refusal(
        "vault.in_use",
        N_("The key can be had, so there is nothing to give up."),
        N_("For a new one, with which nobody signs in again, run: onvio-agent vault rotate"),
    ),
    refusal(
        "bundle.not_confirmed",
        N_("Nothing was written."),
        N_("Repeat with --yes to write it."),
    ),
)
