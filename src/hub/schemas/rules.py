"""How a class of payloads says which rules it keeps, and how they are checked."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from hub.rules import RULES, Rule

__all__ = [
    "RULES",
    "Check",
    "Following",
    "Neighbours",
    "Partial",
    "Rule",
    "Ruled",
    "Unreadable",
    "advice",
    "beside",
    "following",
    "rule",
]

Check = Callable[[Any], PydanticCustomError | None]
Following = Callable[[Any, Any], PydanticCustomError | None]
Neighbours = Sequence[Mapping[str, Any]]
"""Submissions as JSON: what the public sees of the current versions of other records. Fields may be missing."""
M = TypeVar("M", bound=Callable[..., PydanticCustomError | None])


def rule(*, at: str) -> Callable[[M], M]:
    """Mark a method as a rule between fields: it returns the broken rule's error, or None where the rule holds.

    `at` is the field that the fault points to. The method may be called on a half-valid payload; reading a field that
    is missing or invalid there skips the rule, because that field has a fault of its own.
    """

    def mark(method: M) -> M:
        method.__rule_at__ = at  # type: ignore[attr-defined]
        return method

    return mark


def advice(*, at: str) -> Callable[[M], M]:
    """Like `rule`, but what it returns is a warning: shown to the sender and stored, never a refusal."""

    def mark(method: M) -> M:
        method.__advice_at__ = at  # type: ignore[attr-defined]
        return method

    return mark


def following(*, at: str) -> Callable[[M], M]:
    """Like `rule`, but between two versions: the method takes the version before, and is called on the later one."""

    def mark(method: M) -> M:
        method.__following_at__ = at  # type: ignore[attr-defined]
        return method

    return mark


def beside(*, at: str, kinds: Collection[str]) -> Callable[[M], M]:
    """Like `advice`, but among the records of a thread: the method takes the others of `kinds` that stand (`Neighbours`).

    Of a crowded thread only the newest are among them.
    """

    def mark(method: M) -> M:
        method.__beside_at__ = at  # type: ignore[attr-defined]
        method.__beside_kinds__ = frozenset(kinds)  # type: ignore[attr-defined]
        return method

    return mark


class Unreadable(Exception):
    """A field that a rule wanted to read is missing or invalid."""


class Partial:
    """The valid fields of a payload that is otherwise invalid; reading any other field raises `Unreadable`."""

    def __init__(self, model: type["Ruled"], values: Mapping[str, Any]) -> None:
        self.__dict__ |= values
        self.__dict__["_model"] = model

    def __getattr__(self, name: str) -> Any:
        model: type[Ruled] = self.__dict__["_model"]
        if name in model.model_fields:
            raise Unreadable(name)
        member = getattr(model, name)
        return member.__get__(self) if callable(member) else member


class Ruled(BaseModel):
    """A strict model that checks its rules between fields once all fields are valid, and reports all broken ones."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    rules: ClassVar[tuple[tuple[str, Check], ...]] = ()
    checks: ClassVar[tuple[Check, ...]] = ()
    advices: ClassVar[tuple[tuple[str, Check], ...]] = ()
    followings: ClassVar[tuple[tuple[str, Following], ...]] = ()
    besides: ClassVar[tuple[tuple[str, Following], ...]] = ()
    beside_kinds: ClassVar[frozenset[str]] = frozenset()
    """The kinds whose records one of the class is compared with."""
    _keeps_its_rules: ClassVar[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        members: list[Any] = [getattr(cls, name, None) for name in dir(cls) if not name.startswith("_")]
        cls.rules = tuple((m.__rule_at__, m) for m in members if hasattr(m, "__rule_at__"))
        cls.checks = tuple(check for _, check in cls.rules)
        cls.advices = tuple((m.__advice_at__, m) for m in members if hasattr(m, "__advice_at__"))
        cls.followings = tuple((m.__following_at__, m) for m in members if hasattr(m, "__following_at__"))
        cls.besides = tuple((m.__beside_at__, m) for m in members if hasattr(m, "__beside_at__"))
        cls.beside_kinds = frozenset(kind for _, m in cls.besides for kind in m.__beside_kinds__)  # type: ignore[attr-defined]
        if cls.rules:
            # Before Pydantic looks for validators; a class without rules is not called back for each of its objects.
            cls._keeps_its_rules = model_validator(mode="after")(_keeps_its_rules)

    @classmethod
    def broken(cls, payload: Partial) -> Iterator[tuple[str, PydanticCustomError]]:
        """The field and error of every rule that `payload`, a half-valid payload of this class, breaks."""
        for at, check in cls.rules:
            try:
                error = check(payload)
            except Unreadable:
                continue
            if error is not None:
                yield at, error


R = TypeVar("R", bound=Ruled)


def _keeps_its_rules(payload: R) -> R:
    # Not by `broken`: every field can be read here, and this runs for every object of every push.
    for check in payload.checks:
        if check(payload) is not None:
            raise ValidationError.from_exception_data(type(payload).__name__, _errors(payload))
    return payload


def _errors(payload: Ruled) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(type=error, loc=tuple(at.split("/")), input=None)
        for at, check in payload.rules
        if (error := check(payload)) is not None
    ]
