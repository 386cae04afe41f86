"""The reasons of an import of the office's user list: of the whole file, of a line, and of a wish.

A part of the catalogue (`reasons.py`), which alone is read by others.
"""

from __future__ import annotations

from onvio_agent.contract.reason import N_, Reason, Severity, finding, refusal

_CORRECT = N_("Correct the line in the list and import it again.")
_AS_CSV = N_("Save the list anew, in a spreadsheet as: CSV UTF-8.")

IMPORT: tuple[Reason, ...] = (
    # -- the whole list
    refusal("import.too_large", N_("The list is too large."),
            N_("At most {lines} lines and {kib} KiB; divide it into several lists.")),
    refusal("import.encoding", N_("The list is not a text in UTF-8 or Windows-1252."), _AS_CSV),
    refusal("import.empty", N_("The list names no user."),
            N_("The first line names the columns, each line after it one user.")),
    refusal("import.columns", N_("The list lacks these columns: {columns}."),
            N_("Its first line must name login, nome, perfil, situação and e-mail, in any order, "
               "separated by ; or ,")),
    refusal("import.column_twice", N_("The list has the column {column} twice."),
            N_("Leave one of them in the list.")),
    refusal("import.bad_lines", N_("Nothing was imported: wrong lines: {count}."),
            N_("Correct them, or repeat with --skip-bad to import the others.")),
    # -- a line
    finding("import.line_too_long", N_("The line is longer than {most} characters."), _CORRECT),
    finding("import.quotes", N_("The quotation marks of the line are not in pairs."), _CORRECT),
    finding("import.cells", N_("The line has {found} cells, the first line {expected}."), _CORRECT),
    finding("import.cell_empty", N_("The cell is empty."), _CORRECT),
    finding("import.cell_too_long", N_("The cell is longer than {most} characters."), _CORRECT),
    finding("import.cell_unprintable", N_("The cell holds characters that cannot be seen."),
            _CORRECT),
    finding("import.formula", N_("The cell begins like a formula, with = + - or @."), _CORRECT),
    finding("import.login", N_("A login is one word: {value}"), _CORRECT),
    finding("import.login_twice", N_("The login {value} is in line {first} already."), _CORRECT),
    finding("import.perfil", N_("Perfil is Gerente or Usuário, not: {value}"), _CORRECT),
    finding("import.situation", N_("Situação is Ativo or Inativo, not: {value}"), _CORRECT),
    finding("import.email", N_("This is no e-mail: {value}"), _CORRECT),
    finding("import.email_twice", N_("The e-mail {value} is in line {first} already."), _CORRECT),
    finding("import.manager", N_("The Gerente here is {login}; an import changes no Perfil."),
            N_("Correct the list, or hand the role over with: onvio-agent users promote LOGIN")),
    # -- what the list says and an import does not do
    finding("import.still_active", N_("The list says Inativo; {login} stays Ativo."),
            N_("End the link and free the e-mail with: onvio-agent inactivate {login}"),
            Severity.INFO),
    finding("import.still_inactive", N_("The list says Ativo; {login} stays Inativo."),
            N_("Set to Ativo with: onvio-agent activate {login}"), Severity.INFO),
    finding("import.email_other", N_("{login} is linked with another e-mail: {email}"),
            N_("If the list is right, link again with: onvio-agent link {login} --email E-MAIL "
               "--password-stdin"), Severity.INFO),
    finding("import.email_held", N_("This e-mail is linked to {login}."),
            N_("Each user needs an ONVIO account of their own: correct the list, or unlink {login} "
               "first."), Severity.INFO),
)  # fmt: skip
