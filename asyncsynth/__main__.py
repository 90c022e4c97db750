"""`python -m asyncsynth`."""

from asyncsynth.cli import main

if __name__ == "__main__":
    main()
