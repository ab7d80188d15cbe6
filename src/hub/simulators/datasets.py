"""The datasets that a platform takes, and the checks of an item against them (公共资源交易平台系统数据规范 V2.0, 双公示)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import orjson

from hub.simulators.messages import Error, Item, Platform

WITHDRAWN = "3"
_UNBOUNDED = 1 << 60


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of an element looks like: its length in characters and, where that is not enough, a test."""

    low: int
    high: int
    fits: Callable[[str], object] | None
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """An item with its canonical `fields`, everything wrong with it, and the parent keys that it needs and opens."""

    item: Item
    fields: bytes
    errors: list[Error]
    needs: str | None
    opens: str | None


@lru_cache(maxsize=4096)
def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _digits_with_date(time: str) -> Callable[[str], bool]:
    matches = re.compile(r"[0-9]{8}" + time).fullmatch
    return lambda value: matches(value) is not None and _is_date(value[:8])


def _is_hyphened_date(value: str) -> bool:
    return value[4] == value[7] == "-" and _BARE_DATE(value[:4] + value[5:7] + value[8:])


_BARE_DATE = _digits_with_date("")
_MINUTE = "([01][0-9]|2[0-3])[0-5][0-9]"

_FIXED: Mapping[str, Shape] = {
    "text": Shape(1, _UNBOUNDED, None, "required", "不能为空 (must not be empty)"),
    "date": Shape(10, 10, _is_hyphened_date, "date", "应为日期 yyyy-MM-dd (a date)"),
    "date8": Shape(8, 8, _BARE_DATE, "date8", "应为日期 yyyyMMdd (a date of 8 digits)"),
    "dt12": Shape(12, 12, _digits_with_date(_MINUTE), "dt12", "应为时间 yyyyMMddHHmm (a time of 12 digits)"),
    "dt14": Shape(
        14, 14, _digits_with_date(_MINUTE + "[0-5][0-9]"), "dt14", "应为时间 yyyyMMddHHmmss (a time of 14 digits)"
    ),
}


@cache
def shape_of(type_name: str) -> Shape:
    """The shape of a type of the definitions: `text`, `date`, `date8`, `dt12`, `dt14`, `str=n`, `str≤n`, `int≤n`, `dec(p,s)`.

    `str=n;…` and `str≤n;…` are several values joined by `;`. Raises ValueError for anything else.
    """
    if type_name in _FIXED:
        return _FIXED[type_name]
    if found := re.fullmatch(r"str([=≤])(\d+)(;…)?", type_name):
        exact, n, several = found[1] == "=", int(found[2]), found[3]
        low = n if exact else 1
        rule = "wrong-length" if exact else "too-long"
        message = f"长度应为 {n} 个字符 ({n} characters)" if exact else f"不能超过 {n} 个字符 (at most {n} characters)"
        if several is None:
            return Shape(low, n, None, rule, message)
        message = f"以 ; 分隔的每一项{message}"
        return Shape(low, _UNBOUNDED, lambda v: all(low <= len(part) <= n for part in v.split(";")), rule, message)
    if found := re.fullmatch(r"int≤(\d+)", type_name):
        n = int(found[1])
        return Shape(
            1, n, re.compile(r"[0-9]+").fullmatch, "int", f"应为不超过 {n} 位的整数 (an integer of at most {n} digits)"
        )
    if found := re.fullmatch(r"dec\((\d+),(\d+)\)", type_name):
        whole, scale = int(found[1]) - int(found[2]), int(found[2])
        pattern = re.compile(rf"[0-9]{{1,{whole}}}(\.[0-9]{{1,{scale}}})?").fullmatch
        message = f"应为数字，整数不超过 {whole} 位、小数不超过 {scale} 位 (a decimal of {whole}+{scale} digits)"
        return Shape(1, whole + scale + 1, pattern, "decimal", message)
    raise ValueError(f"no such type: {type_name}")


class Dataset:
    """One dataset: its elements, what must be open before it, what it opens, and which elements are nested rows."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.no: int | None = definition["no"]
        self.name: str = definition["name"]
        self.platforms: list[str] = definition["platforms"]
        self.titles = {entry["element"]: entry["title"] for entry in definition["elements"]}
        self.required = frozenset(entry["element"] for entry in definition["elements"] if entry["required"])
        self.row_datasets: Mapping[str, int] = definition.get("rows", {})
        self.rows: dict[str, Dataset] = {}
        self._needs: Sequence[str] = definition.get("needs", ())
        self._opens: Sequence[str] = definition.get("opens", ())
        self._shapes = {entry["element"]: shape_of(entry["type"]) for entry in definition["elements"]}
        self._bounds = {name: (shape.low, shape.high, shape.fits) for name, shape in self._shapes.items()}

    def errors(self, fields: Mapping[str, Any], *, outer: frozenset[str] = frozenset(), at: str = "") -> list[Error]:
        """Everything that is wrong with `fields`; elements that the dataset does not define are let through.

        `outer` are elements that the enclosing dataset holds for its rows, `at` is put before the element names.
        """
        errors: list[Error] = []
        bounds = self._bounds
        for name, value in fields.items():
            bound = bounds.get(name)
            if bound is None:
                continue
            low, high, fits = bound
            if type(value) is str and low <= len(value) <= high and (fits is None or fits(value)):
                continue
            if value is None or value == "":
                if name in self.required:
                    errors.append(self._missing(name, at))
            elif type(value) is not str:
                errors.append(Error(at + name, "text", f"{self.titles[name]}应为文本 (text)"))
            else:
                shape = self._shapes[name]
                errors.append(Error(at + name, shape.rule, f"{self.titles[name]}{shape.message}"))
        if missing := self.required - fields.keys() - outer:
            errors.extend(self._missing(name, at) for name in self.titles if name in missing)
        for name, dataset in self.rows.items():
            errors.extend(self._row_errors(name, dataset, fields.get(name), at))
        return errors

    def needs(self, fields: Mapping[str, Any]) -> str | None:
        """What must have been opened before, e.g. `TENDER_PROJECT_CODE=A3501…`, or None."""
        return _key(self._needs, fields)

    def opens(self, fields: Mapping[str, Any]) -> str | None:
        """What the item opens for others, e.g. the tender project that it announces, or None."""
        return _key(self._opens, fields)

    def _missing(self, name: str, at: str) -> Error:
        return Error(at + name, "required", f"缺少必填项 {self.titles[name]} (required)")

    def _row_errors(self, name: str, dataset: "Dataset", rows: object, at: str) -> Iterator[Error]:
        if rows is None:
            return
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield Error(at + name, "rows", "应为对象列表 (a list of objects)")
            return
        for index, row in enumerate(rows):
            yield from dataset.errors(row, outer=frozenset(self.titles), at=f"{at}{name}[{index}].")


def _key(elements: Sequence[str], fields: Mapping[str, Any]) -> str | None:
    return "|".join(f"{name}={fields.get(name)}" for name in elements) or None


class Definitions:
    """The datasets that one platform takes."""

    def __init__(self, platform: Platform) -> None:
        everything = [Dataset(definition) for definition in load()]
        by_no = {dataset.no: dataset for dataset in everything if dataset.no is not None}
        for dataset in everything:
            dataset.rows = {name: by_no[no] for name, no in dataset.row_datasets.items()}
        taken = [dataset for dataset in everything if platform in dataset.platforms]
        self.by_no = {dataset.no: dataset for dataset in taken if dataset.no is not None}
        self.by_name = {dataset.name: dataset for dataset in taken if dataset.no is None}

    def dataset(self, item: Item) -> Dataset | None:
        """The dataset of an item: by DATA_NO, or by DATA_EN where it has no number; None where it is not taken."""
        return self.by_name.get(item.data_en) if item.data_no is None else self.by_no.get(item.data_no)

    def check(self, item: Item) -> Checked:
        """Check an item by itself: digest, dataset and elements; a withdrawal needs no elements."""
        # With element names in ASCII and values that are text, sorted orjson output is canonical JSON (RFC 8785).
        canonical = orjson.dumps(item.fields, option=orjson.OPT_SORT_KEYS)
        errors: list[Error] = []
        if sha256(canonical).hexdigest() != item.fields_digest:
            errors.append(Error("", "fields-digest", "数据元素与摘要不符 (fields do not match fields_digest)"))
        dataset = self.dataset(item)
        if dataset is None:
            errors.append(
                Error("", "unknown-dataset", f"本平台不接收数据集 {item.data_no or item.data_en} (not taken)")
            )
            return Checked(item, canonical, errors, None, None)
        if item.data_type == WITHDRAWN:
            return Checked(item, canonical, errors, None, None)
        errors.extend(dataset.errors(item.fields))
        return Checked(item, canonical, errors, dataset.needs(item.fields), dataset.opens(item.fields))


@cache
def definitions(platform: Platform) -> Definitions:
    """The datasets that one platform takes, made once."""
    return Definitions(platform)


@cache
def load() -> list[dict[str, Any]]:
    """The definitions of all datasets: files by the hundred of their numbers, and one of those without a number."""
    definitions: list[dict[str, Any]] = []
    for file in sorted(files(__package__).joinpath("definitions").iterdir(), key=lambda file: file.name):
        definitions += orjson.loads(file.read_bytes())
    return definitions
