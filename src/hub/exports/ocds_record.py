"""OCDS records: all releases of a contracting process, and what they say together."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.exports.ocds import PUBLISHER
from hub.exports.ocds_parts import Block

MEDIA = "application/vnd.ocds.record-package+json"

NOT_MERGED = ("id", "date", "tag", "hub")
"""`omitWhenMerged` of the standard, and the hub's own member, which is about one version."""


def compiled(releases: Sequence[Mapping[str, Any]]) -> Block:
    """The compiled release of releases of one process, merged as OCDS 1.1 says (standard.open-contracting.org, merging).

    A later value replaces an earlier one; objects with an `id` are merged with that of the same id; other lists are
    replaced as a whole.
    """
    made: Block = {}
    for release in sorted(releases, key=lambda one: str(one["date"])):
        _merge(made, {name: value for name, value in release.items() if name not in NOT_MERGED})
        made |= {"id": f"{release['ocid']}-{release['date']}", "date": release["date"], "tag": ["compiled"]}
    return made


def record_package(releases: Sequence[Block], address: str, base: str) -> Block:
    """A record package of one process; `address` is its own, `base` the hub's."""
    record = {"ocid": releases[0]["ocid"], "releases": list(releases), "compiledRelease": compiled(releases)}
    return {
        "uri": address,
        "version": "1.1",
        "publishedDate": max(str(release["date"]) for release in releases),
        "publisher": {"name": PUBLISHER, "uri": base},
        "records": [record],
    }


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        if isinstance(value, Mapping):
            if value:
                _merge(into.setdefault(name, {}), value)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) and "id" in item for item in value):
            _merge_list(into.setdefault(name, []), value)
        else:
            into[name] = value


def _merge_list(into: list[dict[str, Any]], new: Sequence[Mapping[str, Any]]) -> None:
    known = {item["id"]: item for item in into}
    for item in new:
        if item["id"] not in known:
            known[item["id"]] = {}
            into.append(known[item["id"]])
        _merge(known[item["id"]], item)
