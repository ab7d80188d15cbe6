"use strict";
// A sender's deliveries. What targets answer is hostile until proven otherwise: it is put into the page as text, never as markup.

const LIMIT = 100;
const LOOKS = 25; // How many pages without a match are read before the reader is asked whether to go on.
const RESENT = ["parked", "rejected", "unknown", "waiting"];
const SKIPPED = ["parked", "retrying", "unknown", "waiting"];

const at = (id) => document.getElementById(id);
const states = new Map(Array.from(document.querySelectorAll("fieldset input"), (box) => [box.value, box.dataset]));
const titles = new Map(Array.from(at("target").options, (option) => [option.value, option.dataset.title]));

let asked = null; // The query that is shown, and how far it was read.

class Refused extends Error {}

function made(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// Controls and marks that turn the direction of writing are shown as what they are, so that no answer can disguise itself.
const shown = (text) => text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\u2028\u2029]/gu, (mark) => `\\u{${mark.codePointAt(0).toString(16)}}`);
const both = (zh, en) => made("span", "", zh, " ", made("small", "", en));
// As the clocks of Beijing have it, wherever the browser is.
const moment = (iso) => (iso === null ? "" : new Date(Date.parse(iso) + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " "));

function age(seconds) {
  if (seconds === null) return "";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

async function hub(path, options = {}) {
  let response;
  try {
    response = await fetch(path, {
      ...options,
      headers: { authorization: `Bearer ${at("key").value.trim()}`, ...options.headers },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("无法连接本中心，或密钥中有不允许的字符。The hub cannot be reached, or the key has characters that no key has.");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const words = [body?.title_zh, body?.title, body?.detail].filter(Boolean).join(" · ");
  throw new Refused(`HTTP ${response.status} ${words}`);
}

function say(kind, text) {
  at("said").className = kind;
  at("said").textContent = text;
}

async function saying(work) {
  try {
    await work();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refused)) throw error;
    say("bad", error.message);
  }
}

function badge(state) {
  const { word, tone } = states.get(state) ?? { word: "", tone: "" };
  return made("span", `state ${tone}`, `${word} ${state}`);
}

function linked(record) {
  const link = made("a", "name", ...record.split("/").flatMap((part, index) => (index === 0 ? [part] : ["/", made("wbr"), part])));
  link.href = `/records/${record.split("/").map(encodeURIComponent).join("/")}`;
  return link;
}

// A target's words: a list of faults with element, rule and message, or whatever else it said.
function worded(reason) {
  if (typeof reason === "string") return shown(reason);
  const faults = Array.isArray(reason) ? reason : [reason];
  return faults.map((fault) => {
    if (typeof fault?.message !== "string") return shown(JSON.stringify(fault));
    const place = [fault.element, fault.rule].filter((word) => typeof word === "string" && word !== "").join(" ");
    return shown(place === "" ? fault.message : `${fault.message} (${place})`);
  }).join("\n");
}

// Whether it waits for its turn only: for the version before it, and for nothing else.
const turn = ({ behind, state, next_try: next }) => behind !== null && state === "waiting" && next === null;

function why(delivery) {
  const lines = [];
  if (delivery.behind !== null) {
    const { position, record, state } = delivery.behind;
    lines.push(made("div", "", both(`在位置 ${position} 之后`, `behind position ${position}`), " ", badge(state), " ", linked(record)));
  }
  if (delivery.reason !== null && !turn(delivery)) lines.push(made("div", "text", worded(delivery.reason)));
  if (delivery.last_error !== null && delivery.last_error !== delivery.reason) lines.push(made("div", "text", shown(delivery.last_error)));
  if (delivery.quality !== null) lines.push(made("div", "text", both("质量", "quality"), " ", worded(delivery.quality)));
  return lines;
}

function cell(label, className, ...children) {
  const found = made("td", className, ...children);
  found.dataset.label = label;
  return found;
}

function row(delivery) {
  const open = made("button", "", "应答 Answers");
  open.type = "button";
  open.setAttribute("aria-expanded", "false");
  const alarm = delivery.alarm === null ? [] : [" ", made("span", "state bad", `超过 over ${delivery.alarm}`)];
  const receipt = delivery.receipt === null ? [] : [" ", made("small", "name", `回执 receipt ${shown(delivery.receipt)}`)];
  const line = made("tr", "",
    cell("位置", "n", String(delivery.position)),
    cell("记录", "record", linked(delivery.record), " ", made("small", "short", `第 ${delivery.number} 版`)),
    cell("目标", "target", both(titles.get(delivery.target) ?? "", delivery.target)),
    cell("状态", "", badge(delivery.state), ...receipt),
    cell("次数", "n", String(delivery.tries)),
    cell("下次", "", moment(delivery.next_try)),
    cell("历时", "", age(delivery.age_seconds), ...alarm),
    cell("原因", "why", ...why(delivery)),
    cell("", "", open));
  line.dataset.delivery = `${delivery.target}/${delivery.position}`;
  open.addEventListener("click", () => saying(() => toggle(line, delivery, open)));
  return line;
}

async function toggle(line, delivery, open) {
  const path = `/v1/deliveries/${encodeURIComponent(delivery.target)}/${delivery.position}`;
  if (line.nextSibling?.classList?.contains("detail")) {
    line.nextSibling.remove();
    open.setAttribute("aria-expanded", "false");
    return;
  }
  open.disabled = true;
  try {
    const found = await hub(path);
    if (line.isConnected) line.after(detail(found, line, path));
    open.setAttribute("aria-expanded", "true");
  } finally {
    open.disabled = false;
  }
}

function detail(found, line, path) {
  const whole = made("td", "wide");
  whole.colSpan = line.children.length;
  const orders = [...found.resends.map((order) => ["重发", "resent", order]), ...(found.skipped ? [["跳过", "skipped", found.skipped]] : [])];
  for (const [zh, en, order] of orders) {
    whole.append(made("p", "text", both(zh, en), ` ${moment(order.at)} ${order.by}: ${shown(order.reason)}`));
  }
  if (found.attempts.length === 0) whole.append(made("p", "", both("尚无请求。", "No request has been answered or has failed yet.")));
  found.attempts.forEach((attempt, index) => whole.append(attempted(attempt, index + 1)));
  const { state } = found.delivery;
  const offers = [
    ...(RESENT.includes(state) && !turn(found.delivery) ? [["resend", "重发 Resend"]] : []),
    ...(SKIPPED.includes(state) ? [["skip", "跳过 Skip"]] : []),
  ];
  if (offers.length > 0) whole.append(ordering(offers, line, path));
  return made("tr", "detail", whole);
}

function attempted(attempt, number) {
  const outcome = attempt.status === null ? both("无应答", "no answer") : `HTTP ${attempt.status}`;
  const title = made("h3", "", `${number}. ${moment(attempt.started_at)} 北京时间 · `, outcome, ` · `, both(`${attempt.versions} 个版本`, "versions"));
  const parts = [title];
  if (attempt.error !== null) parts.push(made("p", "text bad", shown(attempt.error)));
  if (attempt.answer_bytes !== null) {
    const bytes = attempt.answer_bytes;
    parts.push(made("p", "", both(`应答共 ${bytes} 字节，下面是保留的开头。`, `The answer had ${bytes} bytes; this is the beginning, which was kept.`)));
  }
  if (attempt.answer_withheld) {
    parts.push(made("p", "", both("同行的可能有其他平台的数据，仅显示本条的结果。", "Others' versions may have travelled along: only its result is shown.")));
  }
  if (attempt.answer !== "") parts.push(made("pre", "answer", shown(attempt.answer)));
  return made("article", "", ...parts);
}

function ordering(offers, line, path) {
  const reason = made("input");
  reason.required = true;
  reason.maxLength = 1000;
  reason.autocomplete = "off";
  const buttons = offers.map(([action, words]) => {
    const button = made("button", "", words);
    button.value = action;
    return button;
  });
  const form = made("form", "order", made("label", "", both("理由", "Reason; kept and shown"), reason), ...buttons,
    ...(offers.some(([action]) => action === "skip") ? [both("跳过后不可恢复。", "Skipping is for good.")] : []));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saying(() => order(`${path}:${event.submitter.value}`, reason.value, line, buttons));
  });
  return form;
}

async function order(path, reason, line, buttons) {
  for (const button of buttons) button.disabled = true;
  try {
    const body = JSON.stringify({ reason });
    const delivery = await hub(path, { method: "POST", body, headers: { "content-type": "application/json" } });
    line.nextSibling?.remove();
    line.replaceWith(row(delivery));
    const skipped = path.endsWith(":skip");
    say("good", skipped ? `位置 ${delivery.position} 将被跳过。Position ${delivery.position} will be skipped.` : `位置 ${delivery.position} 即将重发。Position ${delivery.position} is being sent again.`);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function queried() {
  const query = new URLSearchParams({ limit: LIMIT });
  if (at("target").value !== "") query.append("target", at("target").value);
  if (at("record").value.trim() !== "") query.append("record", at("record").value.trim());
  for (const box of document.querySelectorAll("fieldset input:checked")) query.append("state", box.value);
  return query;
}

async function read(from) {
  let found = 0;
  at("more").hidden = true;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    from.query.set("after", from.next);
    const page = await hub(`/v1/deliveries?${from.query}`, { signal: from.abort.signal });
    at("rows").append(...page.deliveries.map(row));
    from.next = page.next;
    from.count += page.deliveries.length;
    found += page.deliveries.length;
    at("found").hidden = from.count === 0 && !page.more;
    at("more").hidden = !page.more;
    say("", `${from.count} 项，已查至位置 ${page.next}（共 ${page.head}）。${from.count} found up to position ${page.next} of ${page.head}.`);
    if (found > 0 || !page.more) return;
  }
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  asked?.abort.abort();
  asked = { query: queried(), next: 0, count: 0, abort: new AbortController() };
  at("rows").replaceChildren();
  at("found").hidden = true;
  say("", "…");
  saying(() => read(asked));
});
at("more").addEventListener("click", () => saying(() => read(asked)));
