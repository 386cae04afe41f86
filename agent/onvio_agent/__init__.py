"""The agent between the desktop system Domínio and the cloud platform ONVIO."""

__version__ = "0.1.0"
