"""What can be set from outside: `HUB_*` environment variables, read here and nowhere else."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from hub.problems import InvalidSettings

_DRIVERS = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}


class TargetLimits(BaseModel):
    """What a target takes: versions and requests a second from all processes together; `requests` at a time per route.

    A route is a target's own delivery or a replay to it, in each process.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    versions_per_second: float | None = Field(None, gt=0)
    requests_per_second: float | None = Field(None, gt=0)
    requests: int | None = Field(None, ge=1, le=64)


class Settings(BaseSettings):
    """Every setting has a default that works on one machine with nothing installed."""

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    #: Where the embedded database lives when no database URL is given.
    data_dir: Path = Path("hub-data")

    #: `postgresql://user@host/name`, or `sqlite:///file`; empty means SQLite in `data_dir`.
    database_url: str = ""

    #: How many seconds a starting server or worker waits for a database that does not answer yet.
    database_patience: float = Field(60.0, ge=0)

    #: Where the national trading platform takes batches; empty means that nothing is delivered there.
    target_national_url: str = ""

    #: Where the national credit-information platform takes batches; empty means that nothing is delivered there.
    target_credit_url: str = ""

    #: Where further targets take batches, as JSON: `{"name": "https://…"}`; each is a class in `hub.sync.targets`.
    target_urls: dict[str, str] = Field(default_factory=dict)

    #: Where a target begins that was never delivered to, as JSON: `{"name": "now"}`; otherwise at 0, with everything.
    target_starts: dict[str, Literal["0", "now"]] = Field(default_factory=dict)

    #: How fast targets may be sent to, as JSON: `{"national": {"versions_per_second": 2000, "requests_per_second": 20,
    #: "requests": 4}}`; what stands under `subscriptions` holds for each subscriber.
    target_limits: dict[str, TargetLimits] = Field(default_factory=dict)

    #: The most versions a second of a backlog that a target is sent while platforms push, so that they feel little of it; 0
    #: is without a limit. When nobody has pushed for a second, a backlog is drained as fast as it goes.
    backlog_per_second: float = Field(5300.0, ge=0)

    #: The bearer token that the hub shows to the targets; empty means none.
    target_token: str = ""

    #: Seconds to wait for a target's answer.
    target_timeout: float = Field(30.0, gt=0)

    #: What subscribers may be reached at, separated by commas: hosts, addresses, networks in CIDR form, and `public`
    #: for all public addresses. What is not named here is refused: loopback, private and link-local ones, for instance.
    outbound_allow: str = "public"

    #: How long a target may take to decide on what it has taken in, in seconds; then the delivery's state is `unknown`.
    receipt_timeout: float = Field(86_400.0, gt=0)

    #: The most versions in one delivery request.
    delivery_batch: int = Field(500, ge=1, le=5000)

    #: The most bytes of documents in one delivery request, unless a version alone has more.
    delivery_bytes: int = Field(16 * 1024 * 1024, ge=1024)

    #: The most delivery requests in flight per target and process.
    delivery_requests: int = Field(16, ge=1, le=64)

    #: Seconds a lane's lease lasts; a worker that is silent for longer loses its lanes.
    lease_seconds: float = Field(10.0, gt=0)

    #: When a worker asks every target what it holds, daily, and resends what is missing: HH:MM, Beijing time; empty: off.
    reconcile_at: str = Field("03:30", pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")

    #: The largest body of one submission in bytes.
    max_submission_bytes: int = Field(2 * 1024 * 1024, ge=1024)

    #: The largest line of a batch in bytes.
    max_line_bytes: int = Field(2 * 1024 * 1024, ge=1024)

    #: How far a `data_timestamp` may lie in the future, in seconds.
    clock_skew_seconds: float = Field(300.0, ge=0)

    #: How long a key or a loaded calendar that was looked up is trusted before it is looked up again, in seconds.
    key_cache_seconds: float = Field(2.0, ge=0)

    #: The most bytes of full pages of the public feed that a server process keeps ready for readers; 0: none.
    feed_cache_bytes: int = Field(64 * 1024 * 1024, ge=0)

    #: A JSON file of local rules, or a folder of such; empty means that the national rules alone apply.
    local_rules: str = ""

    #: The transparency log's name on every signed head, an address without its scheme; empty means one made at first use.
    log_origin: str = Field("", pattern=r"^[^\s+]*$")

    #: The file with the log's private key, made at first use, one for all that sign; empty means `log.key` beside the
    #: embedded database.
    log_key_file: str = ""

    #: The log's hash function, `sha256` or `sm3`; chosen before the first head, it stays.
    log_hashing: Literal["sha256", "sm3"] = "sha256"

    #: An SM2 key that signs heads too, as `hub log sm2-key` prints it; empty means none.
    log_sm2_key: str = ""

    #: The program that signs with that key: it reads a message and writes the signature, as r and s or in DER.
    log_sm2_command: str = ""

    #: The folder outside the database that keeps the newest signed head, one for all processes; empty means `checkpoints`
    #: beside it.
    checkpoint_dir: str = ""

    #: The publisher's prefix of OCDS identifiers, as the Open Contracting Partnership registers it.
    ocds_prefix: str = Field("ocds-000000", pattern=r"^ocds-[a-z0-9]{6}$")

    #: The folder where a snapshot is laid every night, and which `/v1/snapshots` serves; empty means none.
    snapshot_dir: Path | None = None

    #: When the nightly snapshot is made: HH:MM, Beijing time.
    snapshot_at: str = Field("02:30", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")

    #: The formats of nightly snapshots, as JSON: `["ndjson", "csv", "parquet"]`.
    snapshot_formats: tuple[Literal["ndjson", "csv", "parquet"], ...] = ("ndjson",)

    #: What nightly snapshots show, as JSON: `["public", "government"]`; the latter is served to consumers only.
    snapshot_views: tuple[Literal["public", "government"], ...] = ("public",)

    #: How many nightly snapshots of each view are kept.
    snapshot_keep: int = Field(7, ge=1)

    #: Where the S3 service is that `hub publish s3://…` writes to.
    s3_endpoint: str = "https://s3.amazonaws.com"

    #: The region that requests to S3 are signed for.
    s3_region: str = "us-east-1"

    #: The access key of the S3 service.
    s3_access_key: str = ""

    #: The secret key of the S3 service.
    s3_secret_key: str = Field("", repr=False)

    @field_validator("snapshot_dir", mode="before")
    @classmethod
    def _none_where_empty(cls, given: Any) -> Any:
        return None if given == "" else given

    @field_validator("database_url")
    @classmethod
    def _of_a_known_database(cls, given: str) -> str:
        check_database_url(given)
        return given

    def url(self) -> str:
        """The database URL with the async driver in it; raises `InvalidSettings` where the embedded one has no place."""
        if not self.database_url:
            try:
                self.data_dir.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InvalidSettings(f"HUB_DATA_DIR: The folder cannot be made: {error}.") from None
            # In an address `?` begins its options, and `%41` is an A.
            return f"sqlite+aiosqlite:///{quote(str(self.data_dir / 'hub.sqlite3'), safe='/ ')}"
        scheme, rest = self.database_url.split("://", 1)
        return f"{_DRIVERS.get(scheme, scheme)}://{rest}"

    def embedded(self) -> Path | None:
        """The file of the embedded database; None where it is another one."""
        if not self.database_url:
            return self.data_dir / "hub.sqlite3"
        scheme, _, file = self.database_url.partition(":///")
        return Path(unquote(file.partition("?")[0])) if scheme.startswith("sqlite") and file else None

    def home(self) -> Path:
        """Where the embedded database is; `data_dir` for any other one."""
        file = self.embedded()
        return self.data_dir if file is None else file.parent

    def log_key(self) -> Path:
        """The file with the log's private key."""
        return Path(self.log_key_file) if self.log_key_file else self.home() / "log.key"

    def checkpoints(self) -> Path:
        """The folder that keeps the newest signed head."""
        return Path(self.checkpoint_dir) if self.checkpoint_dir else self.home() / "checkpoints"

    def targets(self) -> dict[str, str]:
        """The address of every target that is switched on, by the target's name."""
        urls = {"national": self.target_national_url, "credit": self.target_credit_url} | self.target_urls
        return {name: url.rstrip("/") for name, url in urls.items() if url}


@cache
def settings() -> Settings:
    """The settings of this process; raises `InvalidSettings`."""
    try:
        return Settings()
    except SettingsError as error:
        # It names the field in its sentence only.
        found = re.search(r'field "(\w+)"', str(error))
        raise InvalidSettings(f"{_variable(found[1])}: It should be JSON." if found else f"{error}.") from None
    except ValidationError as error:
        raise InvalidSettings("\n".join(_told(fault) for fault in error.errors())) from None


def check_database_url(given: str) -> None:
    """Refuse what is no address of a database; an empty one means the embedded database. Raises a `ValueError`."""
    if given and not _is_database(given):
        raise PydanticCustomError("database-url", "It reads `postgresql://user@host/name` or `sqlite:///file`.")


def _variable(field: object) -> str:
    return f"HUB_{field}".upper()


def _told(fault: ErrorDetails) -> str:
    field, *inside = fault["loc"]
    return f"{' '.join((_variable(field), *map(str, inside)))}: {fault['msg'].removesuffix('.')}."


def _is_database(url: str) -> bool:
    # Imported here: most commands need no database, and no setting but this one needs its driver.
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).drivername in {*_DRIVERS, *_DRIVERS.values()}
    except (ArgumentError, ValueError):
        return False
