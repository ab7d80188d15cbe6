"""The page that verifies evidence in the browser, and asks nobody."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from hub.web.rendering import HEADERS, template

router = APIRouter(include_in_schema=False)

# One script of the hub's own, and no request of any kind: what is dropped here stays here.
_HEADERS = HEADERS | {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
}


@router.get("/verify")
async def verify() -> HTMLResponse:
    """Drop a file, and see what it shows."""
    return HTMLResponse(template("verify.html").render(), headers=_HEADERS)
