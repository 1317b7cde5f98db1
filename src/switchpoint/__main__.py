"""`python -m switchpoint` is `switchpoint`."""

from switchpoint.cli import main

if __name__ == "__main__":
    main()
