"""`python -m crack ...`."""

from __future__ import annotations

import sys

from crack.cli import main

sys.exit(main())
