"""Workers of queue libraries, each a script for the environment that has that library."""
