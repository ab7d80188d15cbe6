"""What a browser is told where a page cannot be shown: the same problem in words, and the way back."""

from starlette.requests import Request
from starlette.responses import HTMLResponse

from hub.problems import Problem
from hub.web.rendering import page


def wants_page(request: Request) -> bool:
    """Whether it is a browser that wants a page; below /v1 everybody gets problem documents."""
    return not f"{request.url.path}/".startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def problem_page(problem: Problem) -> HTMLResponse:
    """The problem as a page, with its status and header fields."""
    shown = page("problem.html", problem=problem)
    shown.status_code = problem.status
    shown.headers.update(problem.headers() | {"vary": "accept"})
    return shown
