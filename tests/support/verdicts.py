"""How long the page that verifies evidence takes to say its verdict, by the page's own clock."""

from base64 import b64encode
from collections.abc import Sequence

from playwright.async_api import Page

# From the choice of the file to the verdict in the page; what comes before is a person's doing.
CHOOSE_AND_WAIT = """
async ([base64, keys]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const chosen = new DataTransfer();
  chosen.items.add(new File([bytes], "evidence.json", { type: "application/json" }));
  document.getElementById("keys").value = keys;
  const result = document.getElementById("result");
  delete result.dataset.verdict;
  const input = document.getElementById("file");
  input.files = chosen.files;
  const began = performance.now();
  const said = new Promise((resolve) => new MutationObserver((_, seen) => {
    if (result.dataset.verdict === undefined) return;
    seen.disconnect();
    resolve();
  }).observe(result, { attributes: true, attributeFilter: ["data-verdict"] }));
  input.dispatchEvent(new Event("change"));
  await said;
  return [result.dataset.verdict, performance.now() - began];
}
"""


async def verdict_on(page: Page, raw: bytes, keys: Sequence[str]) -> tuple[str, float]:
    """The verdict on an evidence file, `good` or `bad`, and the milliseconds until it stands in the page."""
    verdict, milliseconds = await page.evaluate(CHOOSE_AND_WAIT, [b64encode(raw).decode(), "\n".join(keys)])
    return str(verdict), float(milliseconds)
