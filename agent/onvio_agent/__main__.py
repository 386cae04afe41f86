"""`python -m onvio_agent`: the same as the command `onvio-agent`, for places without its script."""

from onvio_agent.cli.main import main

if __name__ == "__main__":
    main()
