"""Where the frozen `onvio-tray` begins."""

import sys

from onvio_tray.main import main

sys.exit(main())
