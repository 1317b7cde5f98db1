"""`python -m switchpoint` is `switchpoint`."""

from __future__ import annotations

from switchpoint.cli import main

if __name__ == "__main__":
    main()
