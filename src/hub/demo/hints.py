"""What to open and to try while the demo goes on."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import orjson
from rich.console import Console

from hub.demo.pushing import Tally
from hub.demo.scripts import TENDERS, some_to_try
from hub.demo.stage import Stage

IN_FILE = 20
"""How many submissions the file has that a person can push."""

TRIES_AS = TENDERS
"""The platform whose key a person tries things with."""


def hints(console: Console, stage: Stage, issued: Mapping[str, str], tally: Tally, directory: Path) -> None:
    """Print addresses to open and commands to try, with a real key and a real file."""
    submission, *more = some_to_try(datetime.now(UTC), 1 + IN_FILE)
    key = issued[TRIES_AS.code]
    file = directory / "tender_notice.json"
    file.write_bytes(orjson.dumps(submission, option=orjson.OPT_INDENT_2))
    lines = directory / "submissions.ndjson"
    lines.write_bytes(b"".join(orjson.dumps(other) + b"\n" for other in more))
    record = max(tally.accepted.values(), key=lambda taken: (taken.number, taken.position), default=None)
    json = "-H 'Content-Type: application/json'"

    console.print()
    _say(console, "打开 Open")
    _say(console, "  首页 start page", stage.url)
    _say(console, "  接口文档 API docs", f"{stage.url}/docs")
    _say(console, "  数据流 feed", f"{stage.url}/v1/feed?after={tally.start}")
    if record is not None:
        _say(console, "  一条记录的历史 a record's history", f"{stage.url}/v1/records/{record.record}/versions")
    for name, address in stage.targets.items():
        _say(console, f"  模拟目标 simulated {name}", f"{address}/docs")
    _say(console, "试一试 Try")
    _say(
        console,
        "  报送 push one (同样的字节再报一次，得到同一回执 push it again: the same receipt)",
        f"curl -X PUT -H 'Authorization: Bearer {key}' {json} --data-binary @{quote(str(file))}"
        f" {stage.url}/v1/records/tender_notice/{submission['data_key']}",
    )
    outage = f"curl -X PUT {json} -d '{{\"down_for_s\": 20}}' {stage.targets['national']}/dial"
    _say(console, "  全国平台停机 20 秒 an outage of the national platform", outage)
    hub = Path(sys.executable).with_name("hub")
    command = f"HUB_URL={stage.url} HUB_KEY={key} {quote(str(hub))} push {quote(str(lines))}"
    _say(console, f"  停机时报送 {IN_FILE} 条，看滞后与恢复 push a file meanwhile, watch the lag come and go", command)
    _say(console, f"日志 Logs  {directory}")
    _say(console, "停止 Stop  Ctrl-C")
    console.print()


def _say(console: Console, name: str, words: str = "") -> None:
    """A heading, or a thing and on a line of its own what to copy."""
    console.print(name, style="" if words else "bold", highlight=False, markup=False)
    if words:
        console.print(f"    {words}", style="cyan", highlight=False, markup=False, soft_wrap=True)
