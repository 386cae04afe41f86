"""The pages, in the order of the menu. A new one is a file here, its template, and its line below."""

from __future__ import annotations

from onvio_agent.panel.page import Page
from onvio_agent.panel.pages import (
    about,
    diagnosis,
    documents,
    home,
    import_users,
    logs,
    personal_data,
    set_up,
    settings,
    sign_in,
    user,
    users,
)

PAGES: tuple[Page, ...] = (
    home.PAGE,
    users.PAGE,
    user.PAGE,
    personal_data.PAGE,
    import_users.PAGE,
    documents.PAGE,
    diagnosis.PAGE,
    logs.PAGE,
    settings.PAGE,
    about.PAGE,
    sign_in.PAGE,
    set_up.PAGE,
)
