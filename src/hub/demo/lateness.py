"""What the legal clocks say of the accepted versions, and why so much of it is late in a demo."""

from collections import defaultdict
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.demo.pushing import Accepted
from hub.schemas.clocks import Clock
from hub.schemas.kind import kinds

JUDGED_ZH = {"published": "按公开之日 day of publication", "received": "按接收之日 day of receipt"}
WHY = (
    "“当日共享”按中心接收之日判断。示例与公开公告此前已发布，现在才报送，故计为逾期；这不是公开逾期。",
    "The same-day limit is about sharing and is judged by the day of receipt. Samples and notices were published "
    "earlier and are pushed only now, so they are late for it; that does not say that they were disclosed late.",
)


def time_limits(console: Console, accepted: Iterable[Accepted]) -> None:
    """How many versions were in time and how many late, by the clock that decided on each."""
    days: defaultdict[str, list[int]] = defaultdict(list)
    for taken in accepted:
        if taken.due is not None:
            days[taken.due["clock"]].append(taken.due["days_late"])
    if not days:
        return
    table = Table(title="时限 Time limits", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("时限 Clock", no_wrap=True)
    table.add_column("依据 Basis")
    table.add_column("判断 Judged by", no_wrap=True)
    for name in ("按时\nin time", "逾期\nlate", "最长逾期\nmost days"):
        table.add_column(name, justify="right", no_wrap=True)
    clocks = _clocks()
    for name in sorted(days):
        clock, found = clocks[name], days[name]
        late = sum(one > 0 for one in found)
        mark = Text(str(late), "yellow" if late else "dim")
        most = str(max(found)) if late else "–"
        table.add_row(name, clock.basis, JUDGED_ZH[clock.judged], str(len(found) - late), mark, most)
    console.print(table)
    if any(clocks[name].judged == "received" and max(found) > 0 for name, found in days.items()):
        for sentence in WHY:
            console.print(sentence, style="dim", highlight=False)


def _clocks() -> dict[str, Clock]:
    """The clocks of all kinds by their ids."""
    return {clock.id: clock for kind in kinds().values() for clock in kind.clocks}
