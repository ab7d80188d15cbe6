"""The page for contributors names what is there."""

import ast
import re
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
INVENTED = ("emission", "pollutant", "land_market")
"""What the page's own examples would be called."""

PATHS = sorted(
    {
        path
        for path in re.findall(r"\b(?:src|tests|docs|openapi)/[\w./-]*\w", PAGE)
        if not any(word in path for word in INVENTED)
    }
)
BLOCKS = re.findall(r"^```(python|json)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_an_example_of_the_page_can_be_read(number: int) -> None:
    language, text = BLOCKS[number]
    if language == "python":
        ast.parse(text)
    else:
        orjson.loads(text if text.startswith("{") else f"{{{text.rstrip().rstrip(',')}}}")


@pytest.mark.parametrize("module", sorted(set(re.findall(r"^from (hub\.[\w.]+) import (.+)$", PAGE, re.MULTILINE))))
def test_what_the_examples_import_is_there(module: tuple[str, str]) -> None:
    found = __import__(module[0], fromlist=["*"])
    assert [name for name in module[1].split(", ") if not hasattr(found, name)] == []
