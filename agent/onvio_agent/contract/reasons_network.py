"""The reasons of the way to ONVIO: network, proxy, certificates and this machine's date.

A part of the catalogue (`reasons.py`), which alone is read by others.
"""

from __future__ import annotations

from onvio_agent.contract.reason import GREY, N_, Reason, Severity, state

FROM_BELOW = ("onvio.", "manager.", "link.", "portal.", "user.")
"""What a broken way explains: all that stands on it."""

NETWORK: tuple[Reason, ...] = (
    state("network.none", GREY, N_("This workstation has no network."),
          N_("Check the cable or the Wi-Fi."), hides=FROM_BELOW),
    state("network.dns", GREY, N_("The address of ONVIO could not be found."),
          N_("Check the internet connection; if other sites open, call your IT support (DNS)."),
          hides=FROM_BELOW),
    state("network.refused", GREY, N_("ONVIO's address refuses the connection."),
          N_("The agent tries again by itself; if it lasts, call your IT support (firewall)."),
          hides=FROM_BELOW),
    state("network.timeout", GREY, N_("ONVIO does not answer in time."),
          N_("Check the internet connection; the agent tries again by itself."),
          hides=FROM_BELOW),
    state("network.interrupted", GREY, N_("The connection to ONVIO was cut in mid-answer."),
          N_("The agent tries again by itself; if it lasts, call your IT support (firewall)."),
          hides=FROM_BELOW),
    state("network.proxy_unreachable", GREY, N_("The proxy cannot be reached."),
          N_("Check the proxy's address in the settings (proxy.url) or in the system; if it is right, "
             "call your IT support."), hides=FROM_BELOW),
    state("network.proxy_unexpected", GREY, N_("What is set as the proxy does not answer like one."),
          N_("Check the proxy's address and port in the settings (proxy.url) or in the system; if they "
             "are right, call your IT support."), hides=FROM_BELOW),
    state("network.proxy_no_way", GREY, N_("The proxy did not open the way to ONVIO."),
          N_("The agent tries again by itself; if it lasts, ask your IT support whether the proxy works "
             "and reaches ONVIO."), hides=FROM_BELOW),
    state("network.proxy_auth", GREY, N_("The proxy asks for a user name and password."),
          N_("Ask your IT support to set the proxy's user in the agent's settings."),
          hides=FROM_BELOW),
    state("network.proxy_password", GREY, N_("The proxy refuses the user name and password that are set."),
          N_("Ask your IT support to correct the proxy's user and password (proxy.user, "
             "proxy.password_file)."), hides=FROM_BELOW),
    state("network.proxy_scheme", GREY,
          N_("The proxy asks for a sign-in that the agent does not know (NTLM or Kerberos)."),
          N_("Ask your IT support to let the agent through the proxy with user and password (Basic), or "
             "without any."), hides=FROM_BELOW),
    state("network.proxy_denied", GREY, N_("The proxy does not allow ONVIO."),
          N_("Ask your IT support to allow ONVIO's addresses in the proxy."), hides=FROM_BELOW),
    state("network.captive_portal", GREY, N_("This network asks for a sign-in page first."),
          N_("Open any page in the browser, accept the terms, then click the icon."),
          hides=("tls.", *FROM_BELOW)),
    state("tls.untrusted", GREY, N_("ONVIO's certificate is not trusted on this workstation."),
          N_("Call your IT support: something inspects the connection (proxy or antivirus)."),
          severity=Severity.ERROR, hides=FROM_BELOW),
    state("tls.expired", GREY, N_("ONVIO's certificate is out of date."),
          N_("Check this workstation's date; if it is right, call your IT support."),
          severity=Severity.ERROR, hides=FROM_BELOW),
    state("tls.wrong_name", GREY, N_("The certificate belongs to another address than ONVIO's."),
          N_("Call your IT support: another server answers in ONVIO's place."),
          severity=Severity.ERROR, hides=FROM_BELOW),
    state("tls.failed", GREY, N_("No secure connection to ONVIO could be made."),
          N_("Call your IT support: something inspects or breaks the connection."),
          severity=Severity.ERROR, hides=FROM_BELOW),
    state("clock.skewed", GREY, N_("This workstation's date or time is wrong."),
          N_("Set date and time, then click the icon."), severity=Severity.ERROR,
          hides=("tls.", *FROM_BELOW)),
)  # fmt: skip
