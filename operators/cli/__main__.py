"""`python -m operators.cli` is `parcours`."""

import sys

from operators.cli import main

sys.exit(main())
