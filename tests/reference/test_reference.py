"""The reference's files: all there, linked to each other, and known to be stale when they are."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from typer.testing import CliRunner, Result

import hub.cli  # noqa: F401  # It finds the commands.
from hub.commands.running import app
from hub.reference import markdown
from hub.schemas.kind import kinds

PAGES = {"README.md": "# Reference\n", "kinds/a.md": "# A\n"}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(markdown.pages())


@pytest.fixture
def two_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield from PAGES.items()

    monkeypatch.setattr(markdown, "pages", pages)


def docs(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["docs", *arguments])


def test_every_kind_has_a_page_with_its_fields(pages: dict[str, str]) -> None:
    for name, kind in kinds().items():
        page = pages[f"kinds/{name}.md"]
        assert page.startswith(f"# {kind.title()} `{name}`\n")
        assert all(f"| `{field}` |" in page for field in kind.model_fields)


def test_a_rule_page_shows_what_is_wrong_and_what_would_be_right(pages: dict[str, str]) -> None:
    page = pages["rules/uscc-check.md"]

    assert '/discloser/code = "91350100M000100Y44"' in page
    assert "统一社会信用代码的校验码应为 3，不是 4" in page
    assert '建议值 Repair: `"91350100M000100Y43"`' in page


def test_a_rule_between_versions_has_its_page_and_stands_with_its_kinds(pages: dict[str, str]) -> None:
    page, kind = pages["rules/property-price-later-day.md"], pages["kinds/property_transfer_price.md"]
    before, between = kind.split("## 版本间规则 Rules between versions")

    assert "after the example a second version" in page
    assert '/body/price = "6490"' in page
    assert "[转让价格](../kinds/property_transfer_price.md) | `effective_date`" in page
    assert "property-price-later-day" in between
    assert "property-price-later-day" not in before
    assert "`bid_code` | [field-fixed]" in between
    assert "bid_code 自首个版本起不得更改" in between


def test_an_example_after_a_withdrawal_says_so(pages: dict[str, str]) -> None:
    page = pages["rules/after-withdrawal.md"]

    assert "的示例撤回之后报送新版本" in page
    assert "Every kind." in page
    assert "```text" not in page


def test_every_link_leads_to_a_page(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for link in re.findall(r"\]\(([^)]+\.md)\)", text):
            parts: list[str] = []
            for part in (PurePosixPath(name).parent / link).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            assert "/".join(parts) in pages, (name, link)


def test_no_cell_breaks_its_table(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for table in re.findall(r"(?:^\|.*\|\n)+", text, flags=re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
            assert len(widths) == 1, name


@pytest.mark.usefixtures("two_pages")
def test_what_was_written_is_current(tmp_path: Path) -> None:
    assert "2 page(s), 2 of them changed" in docs(str(tmp_path)).output
    assert docs(str(tmp_path), "--check").exit_code == 0
    assert "2 page(s), 0 of them changed" in docs(str(tmp_path)).output


@pytest.mark.usefixtures("two_pages")
@pytest.mark.parametrize("change", ["other", "missing", "further"])
def test_a_page_that_is_not_as_it_should_be_is_named_and_mended(tmp_path: Path, change: str) -> None:
    docs(str(tmp_path))
    file = tmp_path / "kinds" / ("b.md" if change == "further" else "a.md")
    if change == "missing":
        file.unlink()
    else:
        file.write_text("# Other\n")

    stale = docs(str(tmp_path), "--check")

    assert stale.exit_code == 1
    assert f"{file} is not current" in stale.output
    docs(str(tmp_path))
    assert docs(str(tmp_path), "--check").exit_code == 0


def test_the_rules_of_a_kind_stand_in_one_order(pages: dict[str, str]) -> None:
    rows = re.findall(
        r"^\| `decision_date` \| \[period-order\].*不得早于 (\w+)",
        pages["kinds/procurement_complaint_decision.md"],
        re.M,
    )

    assert rows == sorted(rows)
    assert len(rows) == 2
