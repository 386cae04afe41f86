"""The icon in the notification area: it shows what the agent says, and passes clicks on.

A process of its own, so that a hung panel of the desktop never holds the agent up. It knows the agent
only through `onvio_agent.client` and decides no state: where it hears nothing, it shows grey.
"""
