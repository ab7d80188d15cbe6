"""The house rules: what every module keeps to, whoever wrote it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

import hub
from hub.app import create_app
from hub.db import migrations
from hub.schemas.examples import example
from hub.schemas.kind import kinds
from hub.schemas.types.parties import check_uscc
from hub.settings import Settings

HERE = Path(__file__).parents[1]
SOURCE = HERE / "src"
FILES = sorted((SOURCE / "hub").rglob("*.py"))
LONGEST = 400
"""The most lines of a module."""

LAYERS = (
    ("hub.app", "hub.cli", "hub.commands", "hub.server", "hub.rehearsal", "hub.demo"),
    (
        "hub.api",
        "hub.web",
        "hub.sender",
        "hub.forms",
        "hub.reference",
        "hub.client",
        "hub.sync.worker",
        "hub.sync.guarded",
        "hub.sync.process",
        "hub.fsck",
    ),
    (
        "hub.sync",
        "hub.oversight",
        "hub.intake",
        "hub.suggesting",
        "hub.recount",
        "hub.rechecking",
        "hub.exports",
        "hub.replay",
        "hub.catalogue",
    ),
    ("hub.ledger", "hub.transparency"),
    ("hub.law", "hub.keys", "hub.diff", "hub.wire"),
    ("hub.schemas", "hub.straight", "hub.db", "hub.ledger.tables"),
    (
        "hub.problems",
        "hub.rules",
        "hub.settings",
        "hub.moments",
        "hub.garbage",
        "hub.forking",
        "hub.accepting",
        "hub.heads",
        "hub.trusted",
        "hub.vanished",
        "hub.heeding",
        "hub.nearest",
        "hub",
    ),
)
"""The packages from top to bottom; a module imports from its own layer and from those below it."""

ALONE = "hub.simulators"
"""The simulated platforms stand for others' systems: they share nothing with the hub."""


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(file: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(file.read_text())


def imports_of(file: Path) -> Iterator[str]:
    """The modules that a module imports, at any depth, as dotted names; names of a package's members count too."""
    return imported_by(ast.walk(tree_of(file)))


def imported_by(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """What the import statements among the nodes import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded_by(file: Path) -> Iterator[str]:
    """The modules that a module imports when it is loaded itself, as `imports_of`."""
    inner = {
        inside
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inside in ast.walk(node)
    }
    return imported_by(node for node in ast.walk(tree_of(file)) if node not in inner)


@cache
def modules() -> frozenset[str]:
    """All modules of the hub."""
    return frozenset(name_of(file) for file in FILES)


def hub_imports_of(file: Path) -> set[str]:
    """The hub's own modules that a module imports."""
    found = {name for name in imports_of(file) if name in modules()}
    # `from hub.sync import lanes` names the package only on the way to its member.
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def layer_of(module: str) -> int:
    """The layer of the longest name that the module is, or is inside of."""
    matches = [
        (len(name), layer)
        for layer, names in enumerate(LAYERS)
        for name in names
        if module == name or (name != "hub" and module.startswith(f"{name}."))
    ]
    assert matches, f"{module} is in no layer: say where it belongs"
    return max(matches)[1]


def inside(module: str, *packages: str) -> bool:
    """Whether the module is one of the packages or in one of them."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def breaking(rule: Callable[[Path], object], *, but: tuple[str, ...] = ()) -> dict[str, object]:
    """What is found in each module that breaks a rule, by its name; packages of `but` are not looked at."""
    files = (file for file in FILES if not inside(name_of(file), *but))
    return {name_of(file): found for file in files if (found := rule(file))}


def test_imports_point_down() -> None:
    def upwards(file: Path) -> object:
        here = layer_of(name_of(file))
        return {name for name in hub_imports_of(file) if not inside(name, ALONE) and layer_of(name) < here}

    assert breaking(upwards, but=(ALONE,)) == {}  # Another rule says that it stands alone.


def test_there_are_no_circles_between_modules() -> None:
    graph = {name_of(file): hub_imports_of(file) - {name_of(file)} for file in FILES}
    # Kinds and targets are found by being there: the one module that looks for them imports their package when asked.
    for finder, package in (("hub.schemas.kind", "hub.schemas"), ("hub.sync.target", "hub.sync.targets")):
        graph[finder].discard(package)
    while leaves := {module for module, needed in graph.items() if not needed & graph.keys()}:
        graph = {module: needed for module, needed in graph.items() if module not in leaves}

    assert not graph


def test_the_simulated_platforms_stand_alone() -> None:
    for file in FILES:
        module = name_of(file)
        for name in hub_imports_of(file):
            if inside(module, ALONE):
                assert inside(name, ALONE), f"{module} imports {name}"
            elif inside(name, ALONE):
                assert inside(module, "hub.commands", "hub.rehearsal", "hub.demo"), f"{module} imports {name}"


def test_only_those_that_run_it_know_the_app() -> None:
    knowing = {name_of(file) for file in FILES if "hub.app" in hub_imports_of(file)}

    assert knowing <= {"hub.commands.describing", "hub.rehearsal", "hub.server"}


def test_only_the_http_side_knows_a_web_framework() -> None:
    def frameworks(file: Path) -> object:
        return [name for name in imports_of(file) if inside(name, "fastapi", "starlette")]

    assert breaking(frameworks, but=("hub.api", "hub.web", "hub.app", ALONE)) == {}


def test_the_ledger_knows_no_schema() -> None:
    for file in FILES:
        if inside(name_of(file), "hub.ledger"):
            assert not [name for name in hub_imports_of(file) if inside(name, "hub.schemas", "hub.law", "hub.keys")]


def test_only_a_few_modules_speak_http_to_others() -> None:
    speaking = {name_of(file) for file in FILES if any(inside(name, "httpx") for name in imports_of(file))}
    # What runs on its own beside the hub: the senders, the consumers, the demo and the command line.
    beside = ("hub.sender", "hub.client", "hub.demo", "hub.commands")

    assert {name for name in speaking if not inside(name, ALONE, *beside)} <= {
        "hub.sync.client",
        "hub.sync.lines",
        "hub.sync.outbound",
        "hub.sync.allowed",
        "hub.exports.s3",
    }


def test_what_a_server_is_started_with_speaks_no_http_to_others() -> None:
    file_of = {name_of(file): file for file in FILES}
    loaded, asked = {"hub.app"}, {"hub.app"}
    while asked:
        found = {name for module in asked for name in loaded_by(file_of[module])}
        asked = (found & file_of.keys()) - loaded
        loaded |= found

    # A server starts anew in two seconds at the most, and httpx would take a tenth of them.
    assert "hub.api.records" in loaded
    assert not [name for name in loaded if inside(name, "httpx")]


def test_only_the_database_module_commits() -> None:
    def commits(file: Path) -> object:
        return [
            node.lineno
            for node in ast.walk(tree_of(file))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
            and not ast.unparse(node.func).endswith("database.commit")
        ]

    assert breaking(commits, but=("hub.db", ALONE)) == {}


def test_nobody_raises_an_http_exception() -> None:
    def raised(file: Path) -> object:
        raising = (ast.unparse(node) for node in ast.walk(tree_of(file)) if isinstance(node, ast.Raise))
        return [text for text in raising if "HTTPException" in text]

    assert breaking(raised) == {}


def test_no_moment_is_naive() -> None:
    def naive(file: Path) -> object:
        calls = (ast.unparse(node) for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call))
        without = ("datetime.now()", "date.today()")
        utc = re.compile(r"\bdatetime\.(utcnow|utcfromtimestamp)\(")
        return [call for call in calls if utc.search(call) or call.endswith(without)]

    assert breaking(naive) == {}


def test_the_environment_is_read_by_the_settings_only() -> None:
    def reads(file: Path) -> object:
        return re.findall(r"\bos\.(environ|getenv)\b|\bfrom os import\b.*\b(environ|getenv)\b", file.read_text())

    # A process that is started gets an environment, which begins with one's own.
    assert breaking(reads, but=("hub.settings", "hub.demo")) == {}


def test_no_module_is_long() -> None:
    def too_many(file: Path) -> object:
        lines = len(file.read_text().splitlines())
        return lines if lines > LONGEST else None

    assert breaking(too_many) == {}


def test_every_module_says_what_it_is_in_one_line() -> None:
    def silent(file: Path) -> object:
        said = ast.get_docstring(tree_of(file)) or ""
        return file.read_text().strip() and not said.partition("\n")[0].endswith((".", "…", "?"))

    assert breaking(silent) == {}


def test_nothing_is_left_to_do() -> None:
    def left(file: Path) -> object:
        return re.findall(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError\(", file.read_text())

    assert breaking(left) == {}


def test_every_setting_is_explained_where_it_stands() -> None:
    lines = (SOURCE / "hub" / "settings.py").read_text().splitlines()
    for name in Settings.model_fields:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"    {name}: "))
        assert lines[at - 1].startswith("    #: "), name


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_has_what_a_kind_needs(name: str) -> None:
    kind = kinds()[name]

    assert re.search(r"[\u4e00-\u9fff]", kind.title())
    assert kind.summary().endswith(".")
    assert kind.discloser
    assert kind.clocks
    assert example(name)["kind"] == name
    assert all(info.title for info in kind.model_fields.values())


def test_every_uscc_that_readers_may_copy_is_one() -> None:
    guides = [*HERE.glob("*.md"), *(HERE / "docs").glob("*.md"), *(SOURCE / "hub" / "commands").glob("*.py")]
    written = {code for file in guides for code in re.findall(r"\b[1-9][0-9A-Z]{17}\b", file.read_text())}

    assert written
    for code in written:
        check_uscc(code)


def test_the_openapi_document_is_current() -> None:
    document = create_app(Settings(data_dir=Path())).openapi()

    committed = orjson.loads((HERE / "openapi" / "hub.json").read_bytes())

    assert committed == orjson.loads(orjson.dumps(document)), "write it anew: hub openapi openapi/hub.json"


def test_every_operation_is_summed_up_in_chinese_and_english() -> None:
    paths = create_app(Settings(data_dir=Path())).openapi()["paths"]
    summaries = {f"{method} {path}": one["summary"] for path, found in paths.items() for method, one in found.items()}

    lacking = {name: said for name, said in summaries.items() if not re.match(r"[\u4e00-\u9fff].* [A-Za-z]", said)}

    assert lacking == {}
    assert len(set(summaries.values())) == len(summaries)


def test_migrations_form_one_line() -> None:
    said = [
        dict(re.findall(r"^(revision|down_revision)(?:: [^=]+)? = (.+)$", file.read_text(), flags=re.MULTILINE))
        for file in sorted((migrations() / "versions").glob("*.py"))
    ]

    assert said[0]["down_revision"] == "None"
    assert [after["down_revision"] for after in said[1:]] == [before["revision"] for before in said[:-1]]


def _called(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _called(inner)


def test_no_request_waits_for_a_thread_to_find_out_what_it_needs() -> None:
    """FastAPI runs an endpoint or a dependency that is no coroutine in a thread: a tenth of a millisecond each time."""
    found = [
        importlib.import_module(one.name) for one in pkgutil.walk_packages(hub.__path__, "hub.") if _routes(one.name)
    ]
    routes = [route for module in found for route in module.router.routes if isinstance(route, APIRoute)]

    assert len(routes) > 50
    assert [call for route in routes for call in _called(route.dependant) if not iscoroutinefunction(call)] == []


def _routes(name: str) -> bool:
    return name.startswith(("hub.api.", "hub.web.")) and hasattr(importlib.import_module(name), "router")
