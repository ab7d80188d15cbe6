"""The kind and the target of the page for contributors, made as the page says: copied from it, file by file, and tried."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
KIND, RULE = "emission_rights_notice", "emission-quantity"

TRIED = """
import json
from hub.app import create_app
from hub.api.openapi import openapi_of
from hub.reference import markdown
from hub.reference.judging import rule_examples
from hub.schemas.codes import table
from hub.schemas.examples import example
from hub.schemas.explain import warnings
from hub.schemas.kind import kinds
from hub.schemas.submission import submission_of
from hub.settings import Settings

kind = kinds()["emission_rights_notice"]
valid = submission_of(kind).model_validate_json(json.dumps(example(kind.name())))
faults, _ = rule_examples()["emission-quantity"].told()
pages = dict(markdown.pages())
described = openapi_of(create_app(Settings(database_url="sqlite+aiosqlite:///hub.sqlite3")))
print(json.dumps({
    "title": kind.title(),
    "thread": valid.body.thread("P"),
    "warnings": [fault.rule for fault in warnings(valid)],
    "codes": list(table("pollutant").values),
    "faults": [[fault.pointer, fault.rule, fault.en] for fault in faults],
    "kind page": pages["kinds/emission_rights_notice.md"],
    "rule page": pages["rules/emission-quantity.md"],
    "names": described["components"]["schemas"]["KindName"]["enum"],
    "schema": described["components"]["schemas"]["EmissionRightsNoticeSubmission"]["examples"][0]["kind"],
}))
"""


def block(after: str, language: str) -> str:
    """The first block of a language behind a phrase of the page."""
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE[PAGE.index(after) :], re.DOTALL | re.MULTILINE)
    assert found is not None, after
    return found[1]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the files of the page: five of the kind, and the target with its test."""
    root = tmp_path_factory.mktemp("contributed")
    without = shutil.ignore_patterns("__pycache__", "swagger-ui")
    for folder in ("src", "tests", "migrations"):
        shutil.copytree(ROOT / folder, root / folder, ignore=without)
    for file in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / file, root / file)
    schemas, definitions = root / "src/hub/schemas", root / "src/hub/simulators/definitions"
    (schemas / "other/emission.py").write_text(block("src/hub/schemas/other/emission.py", "python"))
    example = orjson.loads((schemas / "examples/other_trade_notice.json").read_bytes()) | {
        "kind": KIND,
        "data_key": "E1",
    }
    example["body"] |= orjson.loads(block(f"src/hub/schemas/examples/{KIND}.json", "json"))
    (schemas / f"examples/{KIND}.json").write_bytes(orjson.dumps(example))
    (schemas / "codes/data/pollutant.json").write_text(block("src/hub/schemas/codes/data/pollutant.json", "json"))
    _add(schemas / "rule_examples.json", block("### 4.", "json"))
    unnumbered = definitions / "unnumbered.json"
    unnumbered.write_bytes(
        orjson.dumps([*orjson.loads(unnumbered.read_bytes()), orjson.loads(block("### 5.", "json"))])
    )
    of_other = root / "tests/schemas/test_other.py"
    of_other.write_text(of_other.read_text() + "\n\n" + block("(`tests/schemas/test_other.py`)", "python"))
    (root / "src/hub/sync/targets/land_market.py").write_text(block("## Add a target", "python"))
    (root / "tests/sync/test_land_market.py").write_text(block("(`tests/sync/test_land_market.py`)", "python"))
    return root


def _add(file: Path, line: str) -> None:
    rows = orjson.loads(file.read_bytes()) | orjson.loads(f"{{{line.strip().rstrip(',')}}}")
    file.write_bytes(orjson.dumps(rows))


def run(tree: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{tree / 'src'}:{tree}"}
    done = subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_kind_is_found_judged_documented_and_described(tree: Path) -> None:
    said = orjson.loads(run(tree, "-c", TRIED))

    assert (said["title"], said["warnings"], said["codes"]) == (
        "排污权交易公告",
        ["code-table-unconfirmed"],  # Of `classify_code`, which all kinds of the field have.
        ["1"],
    )
    assert said["faults"] == [["/body/quantity", RULE, "The quantity of emission rights on offer is more than zero."]]
    assert f"[{RULE}](../rules/{RULE}.md)" in said["kind page"]
    assert '/body/quantity = "0"' in said["rule page"]
    assert KIND in said["names"]
    assert said["schema"] == KIND


def test_the_tests_that_the_page_names_pass_for_the_kind_and_the_target(tree: Path) -> None:
    names = ("schemas/test_kinds", "schemas/test_other", "simulators/test_every_kind", "sync/test_land_market")

    said = run(tree, "-m", "pytest", "-v", "-k", "emission_rights or land_market", *[f"tests/{n}.py" for n in names])

    found = re.search(r"(\d+) passed", said)
    assert found is not None
    assert int(found[1]) >= 15, "every test of every kind, the one of its own rule, and that of the target"
