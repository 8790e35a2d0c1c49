"""Run with `python -m ser_core`."""

import sys

from ser_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
