import { STATUS_CODES } from "node:http";
import { styleText } from "node:util";
import { issueKey, issueToken } from "./credentials.ts";

interface Exchange {
  readonly title: string;
  readonly path: string;
  readonly init?: RequestInit;
  /** The status that proves the point. */
  readonly expected: number;
}

const app = { origin: "https://app.example.com" };
const json = { "content-type": "application/json" };

const reader = { authorization: `Bearer ${await issueToken("ada", ["notes:read"])}` };
const writer = { authorization: `Bearer ${await issueToken("ada", ["notes:read", "notes:write"])}` };
const late = { authorization: `Bearer ${await issueToken("ada", ["notes:read"], -60)}` };
const robot = { "x-api-key": await issueKey("robot", ["notes:read", "notes:write"]) };

const exchanges: readonly Exchange[] = [
  { title: "Open to everybody", path: "/health", expected: 200 },
  {
    title: "A stranger is told what to bring, and a page may read it",
    path: "/notes",
    init: { headers: app },
    expected: 401,
  },
  { title: "A token that has expired", path: "/notes", init: { headers: { ...app, ...late } }, expected: 401 },
  {
    title: "Accepted, with the fields of every policy",
    path: "/notes",
    init: { headers: { ...app, ...reader } },
    expected: 200,
  },
  {
    title: "Who may read may not write",
    path: "/notes",
    init: { method: "POST", headers: { ...app, ...reader, ...json }, body: '{"text":"water the plants"}' },
    expected: 403,
  },
  {
    title: "A note is made, by a program with a key",
    path: "/notes",
    init: { method: "POST", headers: { ...robot, ...json }, body: '{"text":"water the plants"}' },
    expected: 201,
  },
  {
    title: "A key with a slip of the pen is refused without a lookup",
    path: "/notes",
    init: { headers: { "x-api-key": robot["x-api-key"].replace(/.$/, (last) => (last === "0" ? "1" : "0")) } },
    expected: 401,
  },
  {
    title: "A token and a key at once: nobody can tell who is meant",
    path: "/notes",
    init: { headers: { ...reader, ...robot } },
    expected: 400,
  },
  {
    title: "A preflight is answered without the handler, and needs no credential",
    path: "/notes",
    init: {
      method: "OPTIONS",
      headers: { ...app, "access-control-request-method": "DELETE", "access-control-request-headers": "authorization" },
    },
    expected: 204,
  },
  {
    title: "A foreign origin is served, and its page cannot read the answer",
    path: "/notes",
    init: { headers: { ...reader, origin: "https://evil.example" } },
    expected: 200,
  },
  {
    title: "A foreign page's form post is refused",
    path: "/notes",
    init: {
      method: "POST",
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      body: "text=spam",
    },
    expected: 403,
  },
  {
    title: "A body that its schema refuses is told where, and not what",
    path: "/notes",
    init: { method: "POST", headers: { ...app, ...writer, ...json }, body: '{"text":42}' },
    expected: 422,
  },
  {
    title: "A form is no JSON",
    path: "/notes",
    init: { method: "POST", headers: { ...app, ...writer }, body: new URLSearchParams({ text: "hello" }) },
    expected: 415,
  },
  {
    title: "A body that is too long is not read",
    path: "/notes",
    init: {
      method: "POST",
      headers: { ...app, ...writer, ...json },
      body: JSON.stringify({ text: "x".repeat(20_000) }),
    },
    expected: 413,
  },
  { title: "A method that is not there", path: "/notes/42", init: { method: "PUT", headers: app }, expected: 405 },
  {
    title: "A thrown error leaves without its message",
    path: "/crash",
    init: { headers: { ...app, ...reader } },
    expected: 500,
  },
  {
    title: "What is not there",
    path: `/notes/${crypto.randomUUID()}`,
    init: { headers: { ...app, ...reader } },
    expected: 404,
  },
];

/** Sends the scripted requests over the socket and prints each exchange as it was. Fails when an answer is not as said. */
export async function showExchanges(url: string): Promise<void> {
  for (const exchange of exchanges) await show(url, exchange, await send(url, exchange));
  await showLimit(url);
}

async function send(url: string, { path, init }: Exchange): Promise<Response> {
  return fetch(`${url}${path}`, { redirect: "manual", ...init });
}

async function showLimit(url: string): Promise<void> {
  const exchange: Exchange = {
    title: "A caller who asks too often is told when to come back",
    path: "/notes",
    init: { headers: { ...app, ...robot } },
    expected: 429,
  };
  for (let count = 0; count < 30; count++) {
    const response = await send(url, exchange);
    if (response.status === 429) return show(url, exchange, response);
    await response.arrayBuffer();
  }
  throw new Error("30 requests were not limited");
}

async function show(url: string, { title, path, init, expected }: Exchange, response: Response): Promise<void> {
  const body = await response.text();
  console.log(styleText("bold", `# ${title}`));
  console.log(styleText("cyan", `> ${init?.method ?? "GET"} ${new URL(path, url)}`));
  for (const [name, value] of new Headers(init?.headers)) console.log(styleText("cyan", `> ${name}: ${value}`));
  const color = response.status < 400 ? "green" : "yellow";
  console.log(styleText(color, `< ${response.status} ${STATUS_CODES[response.status]}`));
  for (const [name, value] of response.headers) {
    if (!/^(?:connection|date|keep-alive|transfer-encoding)$/.test(name)) console.log(`< ${name}: ${value}`);
  }
  if (body !== "") console.log(`\n${body}`);
  console.log();
  if (response.status !== expected) throw new Error(`${title}: expected ${expected}, got ${response.status}`);
}
