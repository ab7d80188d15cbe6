"""The commands of a sender about its deliveries: where its versions are, what targets said, and what to do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import category
from urllib.parse import quote

import typer

from hub.commands.running import app, run

if TYPE_CHECKING:
    import httpx

URL = "http://127.0.0.1:8000"
REFUSED, NO_HUB = 1, 2

deliveries_app = typer.Typer(
    help="""交换: where each version that you pushed is, at each target, and what to do where it is stuck.

    `hub deliveries` alone lists them; `show` tells what the target answered; `resend` and `skip` act on one.

    States: pending 待发送, retrying 重试中, waiting 等待, parked 搁置, pending_receipt 待审核, unknown 未知,
    rejected 已退回, skipped 已跳过, delivered 已送达. What needs you: --state parked --state rejected --state unknown.

    Exit code 1: the hub says no; 2: no hub answers there, or it refuses the key.""",
    invoke_without_command=True,
)
app.add_typer(deliveries_app, name="deliveries")

Address = Annotated[str | None, typer.Option("--url", help=f"The hub's address; default: $HUB_URL, else {URL}.")]
Key = Annotated[str | None, typer.Option("--key", help="The platform's key; default: $HUB_KEY.")]
Target = Annotated[str, typer.Argument(help="The target, e.g. national.")]
Position = Annotated[int, typer.Argument(min=1, help="The version's position, as `hub deliveries` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; kept by the hub and shown with the delivery.")]


@deliveries_app.callback()
def deliveries(
    context: typer.Context,
    url: Annotated[str, typer.Option(envvar="HUB_URL", help="The hub's address.")] = URL,
    key: Annotated[str, typer.Option(envvar="HUB_KEY", help="The platform's key.", show_envvar=True)] = "",
    target: Annotated[list[str] | None, typer.Option(help="Only at this target; may be repeated.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="Only in one of the states above; may be repeated."),
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of record; may be repeated.")] = None,
    record: Annotated[str, typer.Option(help="Only this record: platform/kind/data_key, or its data_key.")] = "",
    after: Annotated[str, typer.Option(help="Go on from this cursor: a number, or <epoch>.<number>.")] = "0",
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="How many versions to show, each with all its targets.")
    ] = 50,
) -> None:
    """Set the hub and its key for the command that follows; where none does, list."""
    context.obj = (url, key)
    if context.invoked_subcommand is None:
        for name in target or []:
            _check_target(name)
        query = {"target": target or [], "state": state or [], "kind": kind or [], "record": [record] if record else []}
        run(_list(url, key, query, after, limit))


@deliveries_app.command()
def show(context: typer.Context, target: Target, position: Position, url: Address = None, key: Key = None) -> None:
    """Show one delivery: every attempt with the target's answer to it, and who had it resent or skipped."""
    run(_show(*_hub(context, url, key), _path(target, position)))


@deliveries_app.command()
def resend(
    context: typer.Context, target: Target, position: Position, reason: Reason, url: Address = None, key: Key = None
) -> None:
    """Send a parked, rejected, waiting or unknown version again, now, e.g. once the target has mended a fault of its own."""
    run(_order(*_hub(context, url, key), _path(target, position) + ":resend", reason))
    typer.echo("即将重发 It is being sent again.")


@deliveries_app.command()
def skip(
    context: typer.Context, target: Target, position: Position, reason: Reason, url: Address = None, key: Key = None
) -> None:
    """Leave a parked, waiting or unknown version out at this target, for good, or one that fails alone again and again: what waits behind it goes on."""
    run(_order(*_hub(context, url, key), _path(target, position) + ":skip", reason))
    typer.echo("将被跳过 It will be skipped.")


def _check_target(name: str) -> None:
    """Refuse a target that no hub has, of which a list would only be empty; subscriptions have names of their own."""
    from hub.nearest import meant
    from hub.sync.target import targets

    if name not in targets() and not name.startswith("sub_"):
        raise typer.BadParameter(f"There is no target {name!r}{meant(name, targets())}", param_hint="--target")


def _hub(context: typer.Context, url: str | None, key: str | None) -> tuple[str, str]:
    """Address and key, which may stand before the command as well as behind it."""
    return url or context.obj[0], key or context.obj[1]


def _path(target: str, position: int) -> str:
    return f"/v1/deliveries/{quote(target, safe='')}/{position}"


async def _list(url: str, key: str, query: dict[str, list[str]], after: int | str, limit: int) -> None:
    count = 0
    async with _asking(url, key) as http:
        while True:
            page = await _asked(http, "GET", "/v1/deliveries", params=query | {"after": after, "limit": limit - count})
            for delivery in page["deliveries"]:
                _print(delivery)
            count += len(page["deliveries"])
            after, more = page["next"], page["more"]
            if count >= limit or not more:
                break
    typer.echo(f"{count} 项 found, 已查至位置 up to position {after} / {page['head']}." if count else "没有 None.")
    if more:
        typer.echo(f"更多 More: the same with --after {after}")


async def _show(url: str, key: str, path: str) -> None:
    async with _asking(url, key) as http:
        found = await _asked(http, "GET", path)
    _print(found["delivery"])
    for order in found["resends"]:
        typer.echo(f"  重发 resent {_moment(order['at'])} {order['by']}: {visible(order['reason'])}")
    if order := found["skipped"]:
        typer.echo(f"  跳过 skipped {_moment(order['at'])} {order['by']}: {visible(order['reason'])}")
    for number, attempt in enumerate(found["attempts"], 1):
        status = "无应答 no answer" if attempt["status"] is None else f"HTTP {attempt['status']}"
        typer.secho(
            f"\n{number}. {_moment(attempt['started_at'])}  {status}  版本 versions {attempt['versions']}", bold=True
        )
        if attempt["error"] is not None:
            typer.secho(f"   {visible(attempt['error'])}", fg="red")
        if attempt["answer_bytes"] is not None:
            typer.echo(
                f"   应答共 {attempt['answer_bytes']} 字节，以下为开头 The beginning of {attempt['answer_bytes']} bytes:"
            )
        if attempt["answer_withheld"]:
            typer.echo(
                "   同行的可能有其他平台的数据，仅显示本条的结果 Others' versions may have travelled along: only its result is shown."
            )
        if attempt["answer"]:
            typer.echo(visible(attempt["answer"], lines=True))
    if not found["attempts"]:
        typer.echo("  尚无请求 No request has been answered or has failed yet.")


async def _order(url: str, key: str, path: str, reason: str) -> None:
    async with _asking(url, key) as http:
        _print(await _asked(http, "POST", path, json={"reason": reason}))


@asynccontextmanager
async def _asking(url: str, key: str) -> "AsyncIterator[httpx.AsyncClient]":
    """A client of the hub; says so and exits where there is no hub."""
    import httpx

    if not (key.isascii() and key.isprintable()):
        raise _ended("密钥中有不允许的字符 The key has characters that no key has.", NO_HUB)
    try:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            yield http
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise _ended(
            f"无法连接 The hub is not reachable at {url}: {visible(str(error)) or type(error).__name__}", NO_HUB
        ) from None


async def _asked(http: "httpx.AsyncClient", method: str, path: str, **options: Any) -> Any:
    """The hub's answer; says what is wrong and exits where it is a problem."""
    response = await http.request(method, path, **options)
    try:
        answer = response.json()
        problem = "" if response.is_success else f"{answer['title_zh']} {answer['title']}"
    except (ValueError, KeyError, TypeError):
        raise _ended(
            f"这不是交换中心 HTTP {response.status_code}: is {http.base_url} the hub's address?", NO_HUB
        ) from None
    if not problem:
        return answer
    faults = [f"  {fault['pointer']}: {fault['zh']} {fault['en']}" for fault in answer.get("faults") or []]
    words = [f"HTTP {response.status_code} {problem}", answer.get("detail") or "", *faults]
    if response.status_code in (401, 403):
        words.append("请用 --key 或 HUB_KEY 给出平台密钥 Give the platform's key with --key or HUB_KEY.")
    raise _ended(
        "\n".join(visible(line) for line in words if line), NO_HUB if response.status_code in (401, 403) else REFUSED
    )


def _ended(words: str, code: int) -> SystemExit:
    """Say what is wrong; the exit to raise."""
    typer.secho(words, fg="red", err=True)
    return SystemExit(code)


def _print(delivery: dict[str, Any]) -> None:
    from hub.sync.words import WORDS

    state = delivery["state"]
    typer.secho(
        f"{delivery['position']}  {delivery['target']}  {WORDS.get(state, '')} {state}"
        f"  {delivery['record']}  第 {delivery['number']} 版",
        fg={"delivered": "green", "parked": "red", "rejected": "red", "unknown": "red"}.get(state, "yellow"),
    )
    facts = [f"次数 tries {delivery['tries']}"]
    if delivery["next_try"] is not None:
        facts.append(f"下次 next try {_moment(delivery['next_try'])}")
    if delivery["age_seconds"] is not None:
        facts.append(f"历时 age {_age(delivery['age_seconds'])}")
    if delivery["alarm"] is not None:
        facts.append(f"超时 alarm: over {delivery['alarm']}")
    if delivery["receipt"] is not None:
        facts.append(f"回执 receipt {visible(delivery['receipt'])}")
    typer.echo(f"  {', '.join(facts)}")
    if before := delivery["behind"]:
        waits = f"在位置 {before['position']} 之后 behind position {before['position']}"
        typer.echo(f"  {waits}, {WORDS.get(before['state'], '')} {before['state']}: {before['record']}")
    # What waits for its turn has no other reason than that.
    reason = None if before and state == "waiting" and delivery["next_try"] is None else delivery["reason"]
    for title, words in (("原因 why", reason), ("质量 quality", delivery["quality"])):
        if words is not None:
            typer.echo(f"  {title}: {_worded(words)}")
    if delivery["last_error"] not in (None, delivery["reason"]):
        typer.echo(f"  上次出错 last error: {visible(delivery['last_error'])}")


def _worded(words: Any) -> str:
    """A target's words: faults with element, rule and message, or whatever else it said."""
    import orjson

    if isinstance(words, str):
        return visible(words)
    said = []
    for fault in words if isinstance(words, list) else [words]:
        if isinstance(fault, dict) and isinstance(fault.get("message"), str):
            place = " ".join(str(fault[name]) for name in ("element", "rule") if fault.get(name))
            said.append(f"{fault['message']} ({place})" if place else fault["message"])
        else:
            said.append(orjson.dumps(fault).decode())
    return visible("; ".join(said))


def visible(text: str, *, lines: bool = False) -> str:
    """The text with everything in it that a terminal would obey shown as an escape; `lines` keeps ends of lines and tabs."""
    kept = "\n\t" if lines else ""
    return "".join(
        mark.encode("unicode_escape").decode()
        if mark not in kept and category(mark) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else mark
        for mark in text
    )


def _moment(iso: str) -> str:
    return f"{iso[:19].replace('T', ' ')} UTC"


def _age(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else f"{int(seconds)} s"
    return (
        f"{minutes // 60} h {minutes % 60} min" if minutes < 2880 else f"{minutes // 1440} d {minutes % 1440 // 60} h"
    )
