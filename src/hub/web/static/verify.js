"use strict";
// Verifies evidence in the browser: nothing leaves it, and nobody is asked.

const text = new TextEncoder();
const FORMAT = "hub-evidence/1";
const ED25519 = 1;
const COSIGNATURE = 4;

class Invalid extends Error {
  constructor(zh, en) {
    super(en);
    this.zh = zh;
  }
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOfHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const same = (left, right) => left.length === right.length && left.every((byte, at) => byte === right[at]);

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

// RFC 9162, 2.1.3.2. Numbers of leaves stay below 2^53, so plain numbers hold them; bits are taken without 32-bit operators.
async function included(leaf, size, hash, path, root) {
  if (!(leaf >= 0 && leaf < size)) return false;
  let at = leaf;
  let last = size - 1;
  let found = hash;
  for (const step of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = await nodeHash(step, found);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      found = await nodeHash(found, step);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(found, root);
}

async function keyOf(line) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(line.trim());
  if (match === null) throw new Invalid("公钥应为“名称+编号+base64”。", "A key reads `name+id+base64`.");
  const [, name, id, base64] = match;
  const bytes = bytesOf(base64);
  const expected = await sha256(text.encode(`${name}\n`), bytes);
  if (hexOf(expected.slice(0, 4)) !== id) throw new Invalid("公钥编号与其内容不符。", "The key's id is not that of its name and key.");
  return { name, id, type: bytes[0], raw: bytes.slice(1), known: [ED25519, COSIGNATURE].includes(bytes[0]) && bytes.length === 33 };
}

function noteOf(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0) throw new Invalid("签名检查点格式有误。", "The signed head is malformed.");
  const body = note.slice(0, cut + 1);
  const signatures = note.slice(cut + 2).split("\n").filter((line) => line !== "").map((line) => {
    const words = line.split(" ");
    if (words.length !== 3 || words[0] !== "—") throw new Invalid("签名行格式有误。", "A signature line is malformed.");
    const bytes = bytesOf(words[2]);
    return { name: words[1], id: hexOf(bytes.slice(0, 4)), signature: bytes.slice(4) };
  });
  const [origin, size, root] = body.split("\n");
  if (!/^(0|[1-9][0-9]{0,14})$/.test(size)) throw new Invalid("签名检查点格式有误。", "The signed head is malformed.");
  return { body, signatures, origin, size: Number(size), root: bytesOf(root) };
}

async function ed25519(key, message, signature) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new Invalid(
      "此浏览器不支持 Ed25519，无法核验签名；请改用较新的浏览器，或离线运行 hub verify。",
      "This browser has no Ed25519 and cannot verify signatures; use a newer one, or `hub verify` offline.",
    );
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

async function signedBy(note, keys) {
  const found = { names: [], seconds: null, unknown: [] };
  for (const key of keys) {
    const line = note.signatures.find((one) => one.name === key.name && one.id === key.id);
    if (line === undefined) continue;
    if (!key.known) {
      found.unknown.push(key.name);
      continue;
    }
    let message = text.encode(note.body);
    let signature = line.signature;
    let moment = null;
    if (key.type === COSIGNATURE) {
      moment = Number(new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0));
      message = joined(text.encode(`cosignature/v1\ntime ${moment}\n`), message);
      signature = signature.slice(8);
    }
    if (!(await ed25519(key, message, signature))) {
      throw new Invalid("签名检查点上的签名无效。", "A signature on the signed head does not hold.");
    }
    found.names.push(key.name);
    if (moment !== null && (found.seconds === null || moment < found.seconds)) found.seconds = moment;
  }
  if (found.names.length === 0) throw new Invalid("签名检查点未由所给公钥签名。", "No signature on the signed head is of a key that is trusted.");
  return found;
}

async function sealHolds(said, entry) {
  const parts = said.sealed;
  const header = JSON.parse(`{${parts === undefined ? said.header : parts.header}}`);
  if (header.record !== said.record || header.number !== said.number || header.digest !== said.digest) {
    throw new Invalid("抬头信息属于另一版本。", "The header is of another version.");
  }
  if (parts === undefined) return null;
  const terms = typeof parts.terms === "string" ? await sha256(text.encode(parts.terms)) : bytesOfHex(parts.terms.hash);
  const hashes = [await sha256(text.encode(parts.header)), terms];
  for (const name of ["public", "opened", "parties"]) {
    if (parts[name] !== undefined) hashes.push(await sha256(text.encode(parts[name])));
  }
  if (!same(await sha256(text.encode(parts.words), ...hashes), entry.slice(40))) {
    throw new Invalid("抬头信息或公开内容与入库时不符。", "The header, or what the public sees, is not what was stored.");
  }
  return JSON.parse(`{${parts.opened ?? parts.public}}`).document ?? {};
}

async function verified(said, lines) {
  if (said.format !== FORMAT) throw new Invalid("这不是交换中心的证据文件。", "This is not an evidence file of a hub.");
  if (said.log.hashing !== "sha256") {
    throw new Invalid("此日志使用 SM3，浏览器无法计算；请离线运行 hub verify。", "This log hashes with SM3, which browsers do not have; use `hub verify` offline.");
  }
  const entry = bytesOf(said.entry);
  const position = Number(new DataView(entry.buffer, entry.byteOffset, 8).getBigUint64(0));
  if (entry.length !== 72 || position !== said.position || hexOf(entry.slice(8, 40)) !== said.digest) {
    throw new Invalid("日志条目与所述位置、摘要不符。", "The log's entry is not that of this position and digest.");
  }
  let document = await sealHolds(said, entry);
  const sealed = document !== null;
  if (said.document !== undefined) {
    if (hexOf(await sha256(text.encode(said.document))) !== said.digest) {
      throw new Invalid("文档与其摘要不符。", "The document does not have its digest.");
    }
    document = JSON.parse(said.document);
    if (said.record.slice(said.record.indexOf("/") + 1) !== `${document.kind}/${document.data_key}`) {
      throw new Invalid("文档属于另一记录。", "The document is of another record.");
    }
  }
  const note = noteOf(said.checkpoint);
  if (note.origin !== said.log.origin) throw new Invalid("签名检查点属于另一日志。", "The signed head is of another log.");
  const pinned = lines.length > 0;
  const keys = await Promise.all((pinned ? lines : said.keys.map((key) => key.text)).map(keyOf));
  const signatures = await signedBy(note, keys);
  const path = said.path.map(bytesOf);
  if (!(await included(position - 1, note.size, await leafHash(entry), path, note.root))) {
    throw new Invalid("该版本不在签名检查点所覆盖的日志中。", "The version is not in the log under the signed head.");
  }
  return told(said, note, signatures, document?.discloser, sealed, pinned);
}

function told(said, note, signatures, discloser, sealed, pinned) {
  const names = signatures.names;
  const shown = [sealed ? [
    `记录 ${said.record} 第 ${said.number} 版位于账本位置 ${said.position}，摘要 ${said.digest}。`,
    `Record ${said.record}, version ${said.number}, is at position ${said.position} with digest ${said.digest}.`,
  ] : [
    `账本位置 ${said.position} 处版本的摘要为 ${said.digest}；文件称其为记录 ${said.record} 第 ${said.number} 版，未经证明。`,
    `The version at position ${said.position} has the digest ${said.digest}; that it is version ${said.number} of record ${said.record} is what the file says, and not proved.`,
  ]];
  if (discloser) shown.push([`公开主体：${discloser.name}（${discloser.code}）。`, `Disclosed by ${discloser.name} (${discloser.code}).`]);
  if (signatures.seconds !== null) {
    const moment = new Date(signatures.seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
    shown.push([`不晚于 ${moment} UTC 入库。`, `It was stored no later than ${moment} UTC.`]);
  } else {
    shown.push([
      "所给公钥中没有见证方的公钥，或见证方未签名：不能说明何时之前入库。",
      "By when it was stored is not shown: no key of a witness that signed it is among those that are trusted.",
    ]);
  }
  shown.push([
    `日志 ${note.origin} 前 ${note.size} 个版本的检查点由 ${names.join("、")} 签名。`,
    `The head over the first ${note.size} versions of ${note.origin} is signed by ${names.join(", ")}.`,
  ]);
  shown.push(said.document === undefined
    ? ["文件不含完整文档，摘要未重新计算。", "The full document is not in the file; its digest was not computed."]
    : ["文件含完整文档，其摘要已重新计算并相符。", "The full document is in the file and has the digest."]);
  if (sealed) shown.push(["抬头信息与公开内容即入库时的内容。", "The header and what the public sees are what was stored then."]);
  for (const name of signatures.unknown) {
    shown.push([`${name} 的签名算法在浏览器中无法核验。`, `The signature of ${name} is of an algorithm that browsers do not have.`]);
  }
  if (!pinned) shown.push(["公钥取自文件本身：请与交换中心公布的公钥核对。", "The keys are the file's own: compare them with those that the hub publishes."]);
  return shown;
}

function show(kind, title, sentences) {
  const result = document.getElementById("result");
  const heading = document.createElement("h2");
  heading.textContent = title;
  const list = document.createElement("ul");
  for (const [zh, en] of sentences) {
    const item = document.createElement("li");
    const other = document.createElement("small");
    other.textContent = en;
    item.append(zh, document.createElement("br"), other);
    list.append(item);
  }
  result.className = kind;
  result.dataset.verdict = kind;
  result.replaceChildren(heading, list);
}

async function check(file) {
  const lines = document.getElementById("keys").value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  try {
    show("good", "证据成立 · The evidence holds", await verified(JSON.parse(await file.text()), lines));
  } catch (error) {
    const problem = error instanceof Invalid ? error : new Invalid("这不是交换中心的证据文件。", "This is not an evidence file of a hub.");
    show("bad", "证据不成立 · The evidence does not hold", [[problem.zh, problem.message]]);
  }
}

const drop = document.getElementById("drop");
const input = document.getElementById("file");
let chosen = null;

function take(file) {
  if (!file) return;
  chosen = file;
  check(file);
}

input.addEventListener("change", () => take(input.files[0]));
document.getElementById("keys").addEventListener("change", () => take(chosen));
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files[0]);
});
if (!globalThis.crypto?.subtle) {
  show("bad", "无法核验 · Cannot verify", [["浏览器只在 HTTPS 或本机地址下提供密码功能。", "Browsers offer cryptography over HTTPS and on this machine only."]]);
}
