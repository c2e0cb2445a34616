"""`python -m api.cli`: for a process that we start ourselves."""

from api.cli import main

if __name__ == "__main__":
    main()
