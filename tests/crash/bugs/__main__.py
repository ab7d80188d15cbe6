"""`python -m tests.crash.bugs NAME COMMAND …`: the hub's command line, with a bug in it."""

import sys

from tests.crash.bugs import bug_of

if __name__ == "__main__":
    name = sys.argv.pop(1)
    bug_of(name).apply()
    from hub.cli import main

    main()
