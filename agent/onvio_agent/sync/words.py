"""The delivery's words: states and kinds of documents as people call them."""

from __future__ import annotations

from onvio_agent.i18n import N_

STATES = {
    "queued": N_("in line"),
    "sending": N_("being sent"),
    "accepted": N_("sent, ONVIO is looking"),
    "waiting": N_("waiting to try again"),
    "stored": N_("delivered"),
    "duplicate": N_("was there already"),
    "refused": N_("refused"),
}
KINDS = {
    "nfe": N_("NF-e"),
    "nfce": N_("NFC-e"),
    "cte": N_("CT-e"),
    "cte_os": N_("CT-e OS"),
    "gtve": N_("GTV-e"),
    "cte_simplified": N_("CT-e simplificado"),
    "nfse": N_("NFS-e"),
    "nfse_abrasf": N_("NFS-e (ABRASF)"),
    "cfe": N_("CF-e"),
    "settlement": N_("Baixas"),
}
