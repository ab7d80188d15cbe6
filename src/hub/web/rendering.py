"""What the pages share: templates, and headers that let a page ask for nothing from anywhere else."""

import re
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
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


# Soft hyphens, zero widths, line and paragraph separators, marks of direction, tags, and letters that are blank.
_INVISIBLE = re.compile(
    r"[\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def _visible(value: Any) -> Any:
    """A text with its invisible marks as what they are: of some, people see another text than programs read."""
    # What a macro has made is whole.
    return _INVISIBLE.sub(_named, value) if type(value) is str and not value.isascii() else value


def _named(mark: re.Match[str]) -> str:
    return f"\\u{{{ord(mark[0]):x}}}"
