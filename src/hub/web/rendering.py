"""What the pages share: templates, and headers that let a page ask for nothing from anywhere else."""

from functools import cache
from typing import Any

from starlette.responses import HTMLResponse

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def page(name: str, **shown: Any) -> HTMLResponse:
    """A template filled in, as an answer."""
    return HTMLResponse(template(name).render(**shown), headers=HEADERS)


@cache
def template(name: str) -> Any:
    """The template of that name; every value in it is escaped."""
    # Imported here: a server's start does not wait for a page that nobody may ask for.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("hub.web")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)
