"""The reasons of the delivery of fiscal documents: what is found in a document before it is sent, what
ONVIO says of it, what holds it back, and what a person is refused.

A part of the catalogue (`reasons.py`), which alone is read by others. An error keeps the document
here; a warning is shown and the document goes.
"""

from __future__ import annotations

from onvio_agent.contract.reason import N_, Reason, Severity, finding, refusal

_GET_AGAIN = N_("Get the XML again from whoever issued it, unchanged, and put it into the folder.")
_NOTHING = N_("Nothing to do.")
_WRONG_FILE = N_("Put only XML files of fiscal documents into the folder.")
_ASK_ISSUER = N_(
    "Ask the issuer for the right XML; this one is not the document that was authorised."
)

SYNC: tuple[Reason, ...] = (
    # -- the file
    finding("sync.empty", N_("The file is empty."), _GET_AGAIN),
    finding("sync.too_large", N_("The file is larger than {mib} MiB."), _WRONG_FILE),
    finding("sync.encoding", N_("The file is written in {encoding}, which is not taken."),
            N_("Get the XML again in UTF-8, as it was authorised.")),
    finding("sync.entities", N_("The file defines entities (DOCTYPE), which no fiscal document does."),
            N_("Do not open it elsewhere: such files are made to do harm. Ask who sent it.")),
    finding("sync.malformed", N_("The file is no well-formed XML: mistake in line {line}."), _GET_AGAIN),
    finding("sync.too_complex", N_("The file is built unlike any fiscal document: too deep or too many parts."),
            _WRONG_FILE),
    finding("sync.byte_order_mark", N_("The file begins with a byte order mark."),
            N_("Nothing to do: it is sent as it is."), Severity.WARNING),
    finding("sync.kind", N_("This is no document that ONVIO takes: {root}"),
            N_("Taken are NF-e, NFC-e, CT-e, CF-e, NFS-e and settlements (Baixas), as XML.")),
    # -- the access key
    finding("sync.key_missing", N_("The document has no access key."), _GET_AGAIN),
    finding("sync.key_shape", N_("This is no access key: {value}"), _GET_AGAIN),
    finding("sync.key_digit", N_("The check digit of the access key is wrong: {value}"), _ASK_ISSUER),
    finding("sync.key_company", N_("The access key names a company that cannot exist: {value}"),
            _ASK_ISSUER),
    finding("sync.key_contents", N_("The access key does not fit the contents ({field}): {key}"),
            _ASK_ISSUER),
    # -- the authorisation
    finding("sync.no_protocol", N_("The document carries no authorisation protocol."),
            N_("It is sent as it is; better is the XML with the protocol (nfeProc, cteProc)."),
            Severity.WARNING),
    finding("sync.protocol_missing", N_("The authorisation protocol is missing from the document."),
            _GET_AGAIN),
    finding("sync.not_authorised", N_("The document was not authorised (cStat {status})."),
            N_("Only authorised documents are sent. Ask the issuer.")),
    finding("sync.protocol_key", N_("The authorisation belongs to another document."), _ASK_ISSUER),
    finding("sync.test_environment", N_("This is a test document (homologação), without fiscal value."),
            N_("Use the document that was issued in production.")),
    # -- the company
    finding("sync.other_company", N_("The company {cnpj} is neither issuer nor addressee of the document."),
            N_("Put the file into the folder of the right company.")),
    finding("sync.archive", N_("The .zip file cannot be read."), _GET_AGAIN),
    finding("sync.archive_bounds", N_("The .zip file holds too much, or in too odd a form."),
            N_("Put the XML files into the folder themselves.")),
    finding("sync.archive_nested", N_("An archive inside a .zip file is not opened."),
            N_("Take it out of the .zip file and put its XML files into the folder.")),
    finding("sync.archive_password", N_("The .zip file has a password: {file}"),
            N_("Open it with its password and put its XML files into the folder.")),
    finding("sync.archive_damaged", N_("This part of the .zip file cannot be read: it is damaged, or packed in an unusual way."),
            N_("Get the .zip file again, or this XML alone; the others of the file were taken.")),
    finding("sync.archive_empty", N_("The .zip file holds no XML."), _WRONG_FILE),
    # -- what ONVIO says
    finding("sync.already_there", N_("ONVIO has this document already."), _NOTHING, Severity.INFO),
    finding("sync.other_content", N_("The access key was delivered already with other contents: {file}"),
            N_("Compare the two files: ONVIO keeps the first, and onvio-agent sync show {sha256} --save FILE gives it "
               "back. If they say the same, nothing is missing; if this one is right, correct the document in "
               "Domínio.")),
    finding("sync.company_unknown", N_("ONVIO finds no company in Domínio for this document."),
            N_("Check in Domínio that the company is set up and linked to this key; then: "
               "onvio-agent sync retry --refused")),
    finding("sync.rejected", N_("ONVIO refused the document ({code})."),
            N_("Look at ONVIO's own words; once the cause is gone: onvio-agent sync retry --refused")),
    finding("sync.pending", N_("ONVIO answered with a code that the agent does not know ({code})."),
            N_("The agent goes on asking; if it lasts, ask ONVIO's support."), Severity.WARNING),
    finding("sync.batch_unknown", N_("ONVIO no longer knows this document."),
            N_("It is sent again by itself."), Severity.WARNING),
    finding("sync.answer_lost", N_("ONVIO's answer was lost: the document may have arrived."),
            N_("It is sent again by itself; ONVIO notices one that it has already."),
            Severity.WARNING),
    finding("sync.cancelled", N_("A person took the document back."),
            N_("Put it into the folder again if it is wanted after all."), Severity.INFO),
    finding("sync.given_up", N_("A person gave up waiting for ONVIO: the document may have arrived."),
            N_("Look for it in Domínio. If it is missing, put the file into the folder again: the agent asks "
               "ONVIO first."), Severity.WARNING),
    # -- what holds everything, or one client, back
    finding("sync.token_refused", N_("ONVIO does not take the token that it has just given."),
            N_("The agent tries again within the hour; if it lasts, ask ONVIO's support.")),
    finding("auth.budget_spent", N_("Too many tokens were asked for today; one more could block the office."),
            N_("Look whether another machine delivers documents too; it goes on by itself tomorrow.")),
    finding("sync.folder_unreadable", N_("The folder cannot be read."),
            N_("Check the network drive and the permissions; it goes on by itself.")),
    finding("sync.look_failed", N_("Looking into the folder failed for a reason that nobody expected."),
            N_("The other companies go on, and the agent tries again. Send the logs to your IT support.")),
    finding("sync.left_name", N_("Left because their names are no text here (not UTF-8): {count}, one is {example}"),
            N_("Rename them; until then they are not delivered."), Severity.WARNING),
    finding("sync.left_unreadable", N_("Left because they cannot be read: {count}, one is {example}"),
            N_("Check the permissions, and whether another program holds them."), Severity.WARNING),
    finding("sync.left_deep", N_("Left because the folders lie too deep: {count}, one is {example}"),
            N_("Put the files at most 8 folders deep."), Severity.WARNING),
    finding("sync.left_hidden", N_("Left because they are hidden (a dot comes first): {count}, one is {example}"),
            N_("Rename what is to be delivered."), Severity.INFO),
    finding("sync.left_link", N_("Left because they are links: {count}, one is {example}"),
            N_("Put the files themselves into the folder."), Severity.INFO),
    finding("sync.left_paused", N_("Left because the company is paused: {count}, one is {example}"),
            N_("They are taken once the company goes on."), Severity.INFO),
    finding("sync.left_other", N_("Left because they are no .xml and no .zip: {count}, one is {example}"),
            N_("Nothing to do, unless a document is among them."), Severity.INFO),
    finding("sync.folder_unwritable", N_("Files cannot be put away in the folder."),
            N_("Check the permissions: the agent moves delivered files to enviados. Documents are "
               "delivered all the same.")),
    finding("sync.folder_full", N_("The disk of the folder is full: files cannot be put away."),
            N_("Make room on it; it goes on by itself. Documents are delivered all the same.")),
    refusal("sync.not_set_up", N_("The delivery of documents is not set up."),
            N_("Set sync.client_id and sync.client_secret_file to what ONVIO gave to the office.")),
    refusal("sync.client_refused", N_("ONVIO does not take the delivery's registration or its secret."),
            N_("Check sync.client_id and the file of sync.client_secret_file; then: onvio-agent sync retry")),
    refusal("sync.secret_unreadable", N_("The file with the secret of the delivery cannot be read."),
            N_("Check sync.client_secret_file in the settings.")),
    refusal("sync.key_refused", N_("ONVIO does not take this company's key."),
            N_("Make a new key in ONVIO, then: onvio-agent sync client add")),
    # -- what a person is refused
    refusal("sync.client_unnamed", N_("The client needs a name."), N_("Give it a name, as people know the company.")),
    refusal("sync.cnpj", N_("This is no CNPJ: {cnpj}"), N_("Check it; letters are allowed since 2026.")),
    refusal("sync.folder", N_("There is no such folder: {folder}"), N_("Make the folder first.")),
    refusal("sync.folder_taken", N_("The folder belongs to {name} already: {folder}"),
            N_("Each company needs a folder of its own, none inside another.")),
    refusal("sync.folder_own", N_("The folder holds what the agent keeps for itself: {folder}"),
            N_("Make another folder, for the company's XML files alone.")),
    refusal("sync.client_exists", N_("There is a client {name} already."),
            N_("See the clients with: onvio-agent sync client list")),
    refusal("sync.client_unknown", N_("There is no client {name}."),
            N_("See the clients with: onvio-agent sync client list")),
    refusal("sync.client_busy", N_("Documents of {name} are still under way."),
            N_("Wait for them, or take them back: onvio-agent sync cancel. What ONVIO never finishes: "
               "onvio-agent sync cancel --sent")),
    refusal("sync.key_of_other", N_("The key belongs to another company: {cnpj}"),
            N_("Take the key that the office made for this company.")),
    refusal("sync.key_unproven", N_("ONVIO does not say which company the key belongs to."),
            N_("Nothing was changed. Ask ONVIO's support.")),
    refusal("sync.document_unknown", N_("There is no document {sha256}."),
            N_("Give at least 8 characters of its hash: onvio-agent sync list")),
    refusal("sync.document_ambiguous", N_("Several documents begin with {sha256}."),
            N_("Give more characters of the hash.")),
    refusal("sync.document_too_large", N_("The file is larger than {mib} MiB."), _WRONG_FILE),
    refusal("sync.no_file", N_("This is no file: {file}"),
            N_("Save what comes from a pipe or device into a file first, and give that.")),
    refusal("sync.content_gone", N_("The contents are not kept here: {file}"),
            N_("Look for the file in enviados or rejeitados, in the company's folder.")),
    refusal("sync.delivered", N_("It was delivered: {file}"),
            N_("There is nothing to try again or to take back. If it is wrong, correct it in Domínio.")),
    refusal("sync.not_retried", N_("There is nothing to try again: {file}"),
            N_("Put the file into the folder again.")),
    refusal("sync.not_cancelled", N_("It is too late to take it back: {file}"),
            N_("Look what became of it: onvio-agent sync list. What was sent and does not end can be given up: "
               "onvio-agent sync cancel --sent")),
)  # fmt: skip
