"""The command line: one command per process and per chore; `hub COMMAND --help` explains each."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

import typer

from hub.problems import InvalidSubmission, Problem

T = TypeVar("T")

app = typer.Typer(
    name="hub",
    help="公共资源交易数据交换中心 · the data-exchange hub of public-resource trading.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
platform_app = typer.Typer(help="Local trading platforms: who may push.", no_args_is_help=True)
key_app = typer.Typer(help="Keys of platforms and of consumers of the government feed.", no_args_is_help=True)
app.add_typer(platform_app, name="platform")
app.add_typer(key_app, name="key")

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]
TargetChoice = Literal["national", "credit"]


def main() -> None:
    """Run the command line; a problem ends it with a plain sentence and exit code 1."""
    try:
        app()
    except Problem as problem:
        fail(problem)


def fail(problem: Problem) -> NoReturn:
    """Say what is wrong, and every fault of it, then exit with 1."""
    typer.secho(f"{problem.title()} {problem.zh}", fg="red", err=True)
    if problem.detail:
        typer.echo(problem.detail, err=True)
    if isinstance(problem, InvalidSubmission):
        for fault in problem.faults:
            repair = "" if fault.repair is None else f"  → {fault.repair}"
            typer.echo(f"  {fault.pointer}  [{fault.rule}]  {fault.en}  {fault.zh}{repair}", err=True)
    raise SystemExit(1)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(work)


def log(level: str) -> None:
    """Log to standard error, one line per event."""
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)


LogLevel = Annotated[str, typer.Option(help="debug, info, warning or error.")]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
    sync: Annotated[bool, typer.Option("--sync", help="Deliver to the targets from these processes too.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Serve the API and the pages. The embedded database migrates itself; any other must be at the newest migration."""
    from hub.server import serve as run_server

    log(log_level)
    run_server(host, port, workers=workers, sync=sync, log_level=log_level)


@app.command(name="sync")
def sync_command(log_level: LogLevel = "info") -> None:
    """Deliver to the targets named by HUB_TARGET_NATIONAL_URL and HUB_TARGET_CREDIT_URL, until stopped."""
    from hub.server import sync as run_sync

    log(log_level)
    run_sync()


@app.command()
def simulate(
    target: Annotated[TargetChoice, typer.Argument(help="Which national platform to play.")],
    host: Host = "127.0.0.1",
    port: Port = 8101,
    store: Annotated[Path | None, typer.Option(help="Its SQLite file; default: TARGET.sqlite3 here.")] = None,
) -> None:
    """Play the national trading platform or the national credit-information platform, with a fault dial (PUT /dial)."""
    from hub.simulators import run as run_simulator

    run_simulator(target, host, port, store or Path(f"{target}.sqlite3"))


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    from hub.db import migrate as migrate_database
    from hub.db import newest_migration
    from hub.settings import settings

    migrate_database(settings().url())
    typer.echo(f"The database is at migration {newest_migration()}.")


@platform_app.command("add")
def platform_add(
    code: Annotated[str, typer.Argument(help="The platform's USCC 统一社会信用代码.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    regions: Annotated[str, typer.Option(help="Region code prefixes it may push for, e.g. 35,1101; empty: all.")] = "",
    kinds: Annotated[str, typer.Option(help="Kinds it may push, separated by commas; empty: all.")] = "",
    disclosers: Annotated[str, typer.Option(help="USCCs it may disclose for; empty: all.")] = "",
    public_service_code: Annotated[str, typer.Option(help="公共服务平台标识码; default: the platform's USCC.")] = "",
    trade_mark: Annotated[str, typer.Option(help="TRADE_PLAT, 11 characters.")] = "",
    public_service_mark: Annotated[str, typer.Option(help="PUB_SERVICE_PLAT, 11 characters.")] = "",
) -> None:
    """Register a local trading platform."""
    from hub import keys

    async def work() -> None:
        async with database() as opened:
            await keys.add_platform(
                opened,
                code,
                name,
                regions=regions,
                kinds=kinds,
                disclosers=disclosers,
                public_service_code=public_service_code,
                trade_mark=trade_mark,
                public_service_mark=public_service_mark,
            )

    run(work())
    typer.echo(f"{code} {name} is registered. Next: hub key issue {code}")


@platform_app.command("list")
def platform_list() -> None:
    """List the platforms."""
    from hub import keys

    async def work() -> list[Any]:
        async with database() as opened:
            return list(await keys.list_platforms(opened))

    for platform in run(work()):
        state = "disabled" if platform.disabled_at else "live"
        limits = ", ".join(x for x in (platform.regions, platform.kinds, platform.disclosers) if x) or "everything"
        typer.echo(f"{platform.code}  {state:8}  {platform.name}  ({limits})")


@platform_app.command("disable")
def platform_disable(code: Annotated[str, typer.Argument(help="The platform's USCC.")]) -> None:
    """Stop a platform's keys from working; what it pushed stays."""
    from hub import keys

    async def work() -> None:
        async with database() as opened:
            await keys.disable_platform(opened, code)

    run(work())
    typer.echo(f"{code} is disabled.")


@key_app.command("issue")
def key_issue(
    platform: Annotated[str, typer.Argument(help="The platform's USCC; leave out with --consumer.")] = "",
    consumer: Annotated[str, typer.Option(help="Issue a key for a consumer of the government feed, by name.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; default: never.")] = None,
) -> None:
    """Issue a key and print it; it is shown this once. A platform may hold two live keys."""
    from hub import keys
    from hub.problems import InvalidParameter

    async def work() -> str:
        async with database() as opened:
            return await keys.issue_key(opened, platform or None, note=consumer or platform, days=days)

    if bool(platform) == bool(consumer):
        raise InvalidParameter("Name a platform's USCC, or a consumer with --consumer.")
    typer.echo(run(work()))


@key_app.command("revoke")
def key_revoke(key: Annotated[str, typer.Argument(help="The key, or its eight characters after `hub_`.")]) -> None:
    """Stop a key from working, within seconds."""
    from hub import keys

    async def work() -> None:
        async with database() as opened:
            await keys.revoke_key(opened, key)

    run(work())
    typer.echo("The key is revoked.")


@app.command()
def push(
    file: Annotated[Path, typer.Argument(help="NDJSON, one submission or withdrawal per line; - for standard input.")],
    url: Annotated[str, typer.Option(envvar="HUB_URL", help="The hub's address.")] = "http://127.0.0.1:8000",
    key: Annotated[str, typer.Option(envvar="HUB_KEY", help="The platform's key.", show_envvar=True)] = "",
    answers: Annotated[Path | None, typer.Option(help="Write the answer lines to this file.")] = None,
) -> None:
    """Push a file of submissions, with progress; what was refused is listed, and the exit code says whether any was."""
    from hub.sender import push_file

    raise SystemExit(run(push_file(file, url=url, key=key, answers=answers)))


@app.command(name="example")
def example_command(kind: Annotated[str, typer.Argument(help="The kind's name; leave out to list all.")] = "") -> None:
    """Print a valid submission of a kind."""
    from hub.problems import NotFound
    from hub.schemas.examples import example
    from hub.schemas.kind import kinds

    if not kind:
        for name, found in kinds().items():
            typer.echo(f"{name:32} {found.title()}")
        return
    if kind not in kinds():
        raise NotFound(f"There is no kind {kind!r}; `hub example` lists them.")
    import orjson

    typer.echo(orjson.dumps(example(kind), option=orjson.OPT_INDENT_2).decode())


@app.command()
def openapi(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; default: standard output.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether openapi/hub.json is current.")] = False,
) -> None:
    """Print the OpenAPI document, or check that the committed one is current."""
    import orjson

    from hub.app import create_app
    from hub.settings import Settings

    document = create_app(Settings(data_dir=Path())).openapi()
    written = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if check:
        committed = Path("openapi/hub.json")
        if not committed.is_file() or committed.read_bytes() != written:
            typer.secho("openapi/hub.json is not current; run: hub openapi openapi/hub.json", fg="red", err=True)
            raise SystemExit(1)
        typer.echo("openapi/hub.json is current.")
    elif file is None:
        typer.echo(written.decode(), nl=False)
    else:
        file.write_bytes(written)


@app.command()
def fsck(most: Annotated[int, typer.Option(min=1, help="The most findings to list.")] = 20) -> None:
    """Re-hash every stored document; check density, numbers, heads, deliveries and cursors. Exit code 1 if any is wrong."""
    from rich.progress import Progress

    from hub.fsck import Report, check

    async def work() -> Report:
        with Progress(transient=True) as bar:
            task = bar.add_task("checking versions")
            async with database() as opened:
                return await check(opened, lambda done, total: bar.update(task, completed=done, total=total), most=most)

    report = run(work())
    typer.echo(f"{report.versions} versions, {report.records} records, {report.deliveries} deliveries checked.")
    for finding in sorted(report.findings, key=lambda f: f.position or 0)[:most]:
        where = "" if finding.position is None else f"position {finding.position}: "
        typer.secho(f"  {where}{finding.what}", fg="red")
    if report.first is not None:
        first = report.first
        typer.secho(f"First bad position: {first.position}" if first.position else first.what, fg="red", bold=True)
        raise SystemExit(1)
    typer.secho("Everything is as it should be.", fg="green")


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End with a table instead of going on.")] = False,
    notices: Annotated[
        Path | None, typer.Option(help="Public notices in the national platform's JSON form, instead of the samples.")
    ] = None,
    port: Annotated[int, typer.Option(help="The API's port; default: a free one.")] = 0,
    database_url: Annotated[
        str, typer.Option(envvar="HUB_DATABASE_URL", help="PostgreSQL to use; default: an embedded SQLite of its own.")
    ] = "",
) -> None:
    """Run everything on this machine: API, workers, both targets, and a sample platform that pushes; watch it live."""
    from hub.demo.run import demo as run_demo

    raise SystemExit(run_demo(once=once, notices=notices, port=port, database_url=database_url))


def database() -> Any:
    """The database of the settings, open for the length of a block."""
    from contextlib import asynccontextmanager

    from hub.db import open_database
    from hub.settings import settings

    @asynccontextmanager
    async def opened() -> Any:
        found = await open_database(settings().url())
        try:
            yield found
        finally:
            await found.close()

    return opened()
