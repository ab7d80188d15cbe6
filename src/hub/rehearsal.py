"""A hub to try a client against: a real one with a store, a platform and a key of its own, behind the fault dial."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.app import create_app
from hub.commands.running import url_of
from hub.db import open_database
from hub.keys import add_platform, issue_key
from hub.problems import InvalidParameter
from hub.schemas.examples import example
from hub.settings import Settings
from hub.simulators.clock import Clock
from hub.simulators.dial import Dial
from hub.simulators.faulty import Faulty
from hub.simulators.server import serve as serve_faulty

PLATFORM, NAME = "91350100M000100Y43", "模拟地方平台"
"""The platform that is made."""

_KIND = "tender_notice"


@contextmanager
def folder(store: Path | None) -> Iterator[Path]:
    """The folder of the store, made where there is none; without one, a temporary folder that goes with the block."""
    if store is not None:
        store.mkdir(parents=True, exist_ok=True)
        yield store
        return
    # A server that was told to stop passes the signal on when it has; the folder goes all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with TemporaryDirectory(prefix="hub-rehearsal-") as made:
        yield Path(made)


async def key_in(home: Path) -> str:
    """The key of the platform in a store, both made where the store is new.

    Raises `InvalidParameter` for the store of a hub that was made for something else: faults are none of its business.
    """
    settings, kept = _settings(home), home / "platform.key"
    if kept.exists():
        return kept.read_text()
    if (home / "hub.sqlite3").exists():
        raise InvalidParameter(f"{home} is the store of another hub; name a new folder.")
    database = await open_database(settings.url())
    try:
        await add_platform(database, PLATFORM, NAME)
        key = await issue_key(database, PLATFORM, note=NAME)
    finally:
        await database.close()
    kept.touch(mode=0o600)
    kept.write_text(key)
    return key


def greeting(host: str, port: int, home: Path, key: str) -> list[str]:
    """What whoever starts it wants to know: where it is, who one is there, and lines to paste into a shell."""
    url = url_of(host, port)
    record = f"{url}/v1/records/{_KIND}/{example(_KIND)['data_key']}"
    json = "-H 'Content-Type: application/json'"
    return [
        f"模拟中心 a hub to try a client against: {url} (store: {home})",
        f"平台 platform {PLATFORM}, 密钥 key {key}",
        f"  hub example {_KIND} | curl -i -X PUT {record} -H 'Authorization: Bearer {key}' {json} --data-binary @-",
        f"  hub push FILE --url {url} --key {key}",
        f'  curl -X PUT {url}/dial {json} -d \'{{"scenario": "reset-after-storing", "seed": 7}}\'',
    ]


def serve(home: Path, host: str, port: int, dial: Dial, clock: Clock, *, national: str = "", credit: str = "") -> None:
    """Serve the hub until it is interrupted; it delivers to those targets that have an address."""
    settings = _settings(home, national, credit)
    app = create_app(settings, sync=bool(settings.targets()))
    serve_faulty(Faulty(app, _of_clients, dial, clock), host, port)


def _settings(home: Path, national: str = "", credit: str = "") -> Settings:
    """What the environment says of a hub's database, targets, files and keys is not meant for this one."""
    return Settings(
        data_dir=home,
        database_url="",
        target_national_url=national,
        target_credit_url=credit,
        target_urls={},
        log_key_file="",
        log_sm2_key="",
        log_sm2_command="",
        checkpoint_dir="",
        snapshot_dir=None,
    )


def _of_clients(method: str, path: str) -> bool:
    """Whether a platform's client asks this: it pushes, or reads its receipts. What was stored can always be read."""
    return path == "/v1/receipts" or (method in ("PUT", "POST") and path.startswith("/v1/records"))
