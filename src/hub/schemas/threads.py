"""Names of threads, which everybody sees: what may not be shown stands in them as a digest, or with others."""

from hashlib import sha256

OF_SUBJECTS = "credit:"
"""How the threads begin that name whom their records are about."""


def crowd(code: str) -> str:
    """One of 256 names, the same for the same code: it keeps what is said of a party in order, not telling of whom.

    A name that only one code has would give an ID number away to anyone who tries them all.
    """
    return f"crowd-{sha256(code.encode()).hexdigest()[:2]}"


def short_digest(text: str) -> str:
    """What stands in a thread for what may not be shown or is too long: 32 hexadecimal digits of SHA-256."""
    return sha256(text.encode()).hexdigest()[:32]


def unseen_thread(thread: str, platform: str) -> str:
    """The thread for a record of a subject whom the public is not told: shared with other subjects of the platform."""
    name = thread.rpartition(":")[2]
    return f"{OF_SUBJECTS}{platform}:{crowd(name)}"
