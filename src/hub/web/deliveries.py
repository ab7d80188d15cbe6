"""The page on which a sender sees its deliveries, and has held ones resent or skipped."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from hub.sync.target import targets
from hub.sync.words import WORDS
from hub.web.rendering import HEADERS, template

router = APIRouter(include_in_schema=False)

TONES = {"delivered": "good", "parked": "bad", "rejected": "bad", "unknown": "bad", "skipped": ""}
"""The colour of a state; the others are under way."""

# One script of the hub's own, which asks this hub only: the key that is entered reaches nobody else.
_HEADERS = HEADERS | {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}


@router.get("/deliveries")
async def deliveries_page() -> HTMLResponse:
    """The page; what it shows it asks of the API with the key that is entered there."""
    states = [(name, word, TONES.get(name, "busy")) for name, word in WORDS.items()]
    titles = {name: target.title for name, target in targets().items()}
    return HTMLResponse(template("deliveries.html").render(states=states, titles=titles), headers=_HEADERS)
