"""Where the frozen `onvio-agent` begins."""

from onvio_agent.cli.main import main

main()
