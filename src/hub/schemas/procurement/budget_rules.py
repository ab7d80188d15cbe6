"""The rules about budgets and ceilings that several procurement kinds share."""

from typing import Any

from pydantic_core import PydanticCustomError

from hub.schemas.rules import Rule, rule

CEILING = Rule("ceiling-over-budget", "最高限价不得超过预算金额", "the ceiling price may not exceed the budget")


@rule(at="ceiling_price")
def ceiling_within_budget(payload: Any) -> PydanticCustomError | None:
    """A rule: where both are given, `ceiling_price` is not above `budget_amount`."""
    ceiling, budget = payload.ceiling_price, payload.budget_amount
    return CEILING() if ceiling is not None and budget is not None and ceiling > budget else None
