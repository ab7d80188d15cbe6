"""The commands about subscriptions and replays."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hub.commands.running import app, database, run

if TYPE_CHECKING:
    from hub.sync.replays import Progress
    from hub.sync.subscriptions import Standing
    from hub.sync.tables import Subscription

subscription_app = typer.Typer(help="订阅: webhooks of platforms and consumers.", no_args_is_help=True)
app.add_typer(subscription_app, name="subscription")

Name = Annotated[str, typer.Argument(help="The subscription's name, sub_….")]


@subscription_app.command("list")
def subscription_list() -> None:
    """List all subscriptions and how far they are."""
    from hub.sync import subscriptions

    async def work() -> "list[tuple[Subscription, Standing]]":
        async with database() as opened, opened.reading() as connection:
            found = await subscriptions.owned(connection, None)
            return [(told, await subscriptions.standing(connection, told)) for told in found]

    for told, standing in run(work()):
        state = "paused" if told.paused_at is not None else "live"
        owner = told.platform or f"key {told.key}"
        last = standing.error or (f"HTTP {standing.status}" if standing.status is not None else "nothing sent yet")
        typer.echo(f"{told.name}  {state:6}  {told.what:8}  {owner}  {told.url}")
        alarm = f"; ALARM: something is not delivered for more than {standing.alarm}" if standing.alarm else ""
        typer.echo(f"  reached {standing.cursor} of {standing.head}; newest request: {last}{alarm}")


@subscription_app.command("add")
def subscription_add(
    url: Annotated[str, typer.Argument(help="Where messages are sent.")],
    platform: Annotated[str, typer.Option(help="The owner: a platform's USCC.")] = "",
    key: Annotated[str, typer.Option(help="The owner: the prefix of a consumer's key.")] = "",
    what: Annotated[Literal["versions", "outcomes"], typer.Option(help="What is told.")] = "versions",
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only this region prefix; may be repeated.")] = None,
    start: Annotated[str, typer.Option(help="now, or the cursor behind which it begins; 0: everything.")] = "now",
) -> None:
    """Subscribe somebody, and print the secret; it is shown this once."""
    from pydantic import ValidationError

    from hub.ledger.epochs import Cursor
    from hub.problems import InvalidParameter
    from hub.settings import settings
    from hub.sync import subscriptions
    from hub.sync.allowed import Allowed
    from hub.sync.subscriber import shown_secret

    if bool(platform) == bool(key):
        raise InvalidParameter("Name one owner, with --platform or with --key.")
    try:
        beginning: Literal["now"] | Cursor = "now" if start == "now" else Cursor.parse(start)
    except ValueError:
        raise InvalidParameter("A subscription starts at `now` or at a cursor.") from None
    Allowed(settings().outbound_allow.split(",")).check_url(url)
    try:
        narrowed = subscriptions.SubscriptionFilter(kinds=kind or [], regions=region or [])
    except ValidationError as error:
        raise InvalidParameter(str(error)) from None
    owner = subscriptions.Owner(platform or None, key or None)

    async def work() -> "Subscription":
        async with database() as opened:
            return await subscriptions.add(opened, owner, what, url, narrowed, beginning)

    added = run(work())
    typer.echo(f"{added.name}\n{shown_secret(added.secret)}")


@subscription_app.command("pause")
def subscription_pause(name: Name) -> None:
    """Send nothing until it is resumed; nothing is lost."""
    _set_paused(name, paused=True)
    typer.echo(f"{name} is paused.")


@subscription_app.command("resume")
def subscription_resume(name: Name) -> None:
    """Go on where it was paused."""
    _set_paused(name, paused=False)
    typer.echo(f"{name} goes on.")


@subscription_app.command("replay")
def subscription_replay(
    name: Name,
    first: Annotated[int, typer.Option("--from", min=1, help="The first position, included.")],
    last: Annotated[int, typer.Option("--to", min=1, help="The last position, included.")],
) -> None:
    """Send a range once more, beside what is new."""
    from hub.sync import replays, subscriptions

    async def work() -> str:
        async with database() as opened:
            async with opened.reading() as connection:
                await subscriptions.find(connection, None, name)
            return (await replays.order(opened, name, first, last, reason="", actor="operator")).name

    typer.echo(run(work()))


@app.command()
def replay(
    target: Annotated[
        str, typer.Argument(help="national, credit or any other target; with --list: whose replays.")
    ] = "",
    first: Annotated[int, typer.Option("--from", min=1, help="The first position, included.")] = 1,
    last: Annotated[int, typer.Option("--to", min=0, help="The last position, included; default: the newest.")] = 0,
    platform: Annotated[str, typer.Option(help="Only what this platform pushed.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept in the audit.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="Show replays and how far they are instead.")] = False,
) -> None:
    """重放: deliver to a target once more what it has got; a target knows by its key what it still has."""
    from hub.problems import InvalidParameter
    from hub.schemas.editions import kind_named
    from hub.sync.target import targets

    if listing:
        for progress in run(_progress(target)):
            _print(progress)
        return
    if target not in targets():
        raise InvalidParameter(f"There is no target {target!r}; there are: {', '.join(targets())}.")
    if kind:
        kind_named(kind)
    if not reason:
        raise InvalidParameter("Say why with --reason.")
    typer.echo(run(_order(target, first, last, reason, platform, kind)))


async def _order(target: str, first: int, last: int, reason: str, platform: str, kind: str) -> str:
    from hub.keys import check_platform
    from hub.ledger.read import head_position
    from hub.sync import replays

    async with database() as opened:
        async with opened.reading() as connection:
            if platform:
                await check_platform(connection, platform)
            last = last or await head_position(connection)
        ordered = await replays.order(
            opened, target, first, last, reason=reason, actor="operator", platform=platform or None, kind=kind or None
        )
    return f"{ordered.name}: {ordered.first} to {ordered.last}. Follow it with: hub replay {target} --list"


async def _progress(target: str) -> "list[Progress]":
    from hub.sync import replays

    async with database() as opened, opened.reading() as connection:
        return await replays.progress(connection, target or None)


def _print(progress: "Progress") -> None:
    replay = progress.replay
    states = ", ".join(f"{count} {state}" for state, count in sorted(progress.states.items())) or "nothing yet"
    state = "finished" if replay.finished_at is not None else "under way"
    typer.echo(f"{replay.name}  {replay.target}  {replay.first}-{replay.last}  {state} at {progress.cursor}: {states}")


def _set_paused(name: str, *, paused: bool) -> None:
    from hub.sync import subscriptions

    async def work() -> None:
        async with database() as opened:
            await subscriptions.set_paused(opened, None, name, paused=paused)

    run(work())
