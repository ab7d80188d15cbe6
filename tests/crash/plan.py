"""The plan: what is to be done to the hub, under which load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """How many kills and faults on which engine, under which load.

    `kills` are of the hub's processes, `database_kills` of PostgreSQL: of a backend, and of the whole server, in turn;
    between two of them lie at most `pause` seconds. Every fault named in `faults` strikes `strikes` times, beside the
    kills; `freezes` is whom freezes strike, `serve` or `sync`, empty for either. `bug` is a seeded one, empty for the
    hub as it is; `patience` is how many seconds a target may stand still before it is not waited for.
    """

    kills: int
    engine: str = "postgresql"
    rate: float = 600.0
    writers: int = 24
    seed: int = 1
    database_kills: int = 0
    strikes: int = 0
    faults: tuple[str, ...] = ()
    bug: str = ""
    patience: float = 45.0
    pause: float = 2.0
    freezes: str = ""
