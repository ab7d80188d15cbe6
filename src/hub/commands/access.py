"""The commands about platforms and keys."""

from typing import Annotated, Any

import typer

from hub.commands.running import app, check_code, database, run

platform_app = typer.Typer(help="Local trading platforms: who may push.", no_args_is_help=True)
key_app = typer.Typer(help="Keys of platforms and of consumers of the government feed.", no_args_is_help=True)
app.add_typer(platform_app, name="platform")
app.add_typer(key_app, name="key")


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

    check_code(code, "CODE")

    async def work() -> None:
        async with database(make=True) as opened:
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
        async with database(make=True) as opened:
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
