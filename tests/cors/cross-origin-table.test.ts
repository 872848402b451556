import { describe, expect, test } from "vitest";
import { policy } from "../../src/index.ts";
import { app, foreign, hello } from "./support.ts";

/** One row of the decision table; `undefined` is an absent field. */
interface Row {
  readonly method: string;
  readonly upgrade: string | undefined;
  readonly site: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly scheme: "http" | "https";
  readonly credential: readonly [name: string, value: string] | undefined;
}

const safeMethods = ["GET", "HEAD", "OPTIONS", "QUERY"];
const sites = [
  undefined,
  "same-origin",
  "none",
  "same-site",
  "cross-site",
  "same-origin, cross-site",
  "Same-Origin",
  "",
];
const origins = [
  undefined,
  "https://api.example.com",
  "http://api.example.com",
  "https://api.example.com:8443",
  app,
  foreign,
  "null",
];
const hosts = [undefined, "api.example.com", "API.example.com:443", "api.example.com:8443", "localhost:3000"];
const credentials: readonly Row["credential"][] = [
  undefined,
  ["cookie", "session=1"],
  ["authorization", "Basic dTpw"],
  ["authorization", "negotiate YII="],
  ["authorization", "Bearer abc"],
];

/** The rule of the specification, written down plainly. */
function shouldPass(list: "none" | "listed" | "*", row: Row): boolean {
  if (safeMethods.includes(row.method) && row.upgrade !== "websocket") return true;
  const isAmbient = row.credential !== undefined && !row.credential[1].startsWith("Bearer");
  const isListed = row.origin !== undefined && (list === "listed" ? row.origin === app : list === "*" && !isAmbient);
  if (row.site === "same-origin" || row.site === "none") return true;
  if (row.site !== undefined) return isListed;
  return row.origin === undefined || isListed || isOwn(row.origin, row);
}

function isOwn(origin: string, { host = "api.example.com", scheme }: Row): boolean {
  if (origin === "null") return false;
  const own = new URL(`${origin.split(":")[0]}://${host}`); // drops the default port of the origin's scheme
  return own.origin === origin && (scheme === "http" || own.protocol === "https:");
}

function requestOf({ method, upgrade, site, origin, host, scheme, credential }: Row): Request {
  const headers = new Headers(credential && [[...credential]]);
  if (upgrade !== undefined) headers.set("upgrade", upgrade);
  if (site !== undefined) headers.set("sec-fetch-site", site);
  if (origin !== undefined) headers.set("origin", origin);
  if (host !== undefined) headers.set("host", host);
  return new Request(`${scheme}://api.example.com/`, { method, headers });
}

/** Every row; of a safe method, those that differ in what might make a careless rule refuse. */
function* rows(method: string, upgrade: string | undefined): Generator<Row> {
  const isSafe = safeMethods.includes(method) && upgrade === undefined;
  for (const site of sites)
    for (const origin of origins)
      for (const host of isSafe ? hosts.slice(0, 1) : hosts)
        for (const scheme of isSafe ? (["https"] as const) : (["http", "https"] as const))
          for (const credential of credentials) yield { method, upgrade, site, origin, host, scheme, credential };
}

const lists = {
  none: policy()(hello),
  listed: policy({ cors: { origins: [app], credentials: true } })(hello),
  "*": policy({ cors: { origins: "*" } })(hello),
};

describe("every combination of Sec-Fetch-Site, Origin, Host, scheme and credential is judged by the rule", () => {
  test.each([
    ["GET", undefined],
    ["GET", "websocket"],
    ["HEAD", undefined],
    ["OPTIONS", undefined],
    ["QUERY", undefined],
    ["POST", undefined],
    ["PUT", undefined],
    ["DELETE", undefined],
    ["PURGE", undefined],
    ["GET-TOO", undefined],
  ])("%s, upgrade %s", async (method, upgrade) => {
    const wrong: unknown[] = [];
    let passed = 0;
    for (const list of ["none", "listed", "*"] as const) {
      for (const row of rows(method, upgrade)) {
        const { status } = await lists[list](requestOf(row));
        if (status === 200) passed++;
        if (status !== (shouldPass(list, row) ? 200 : 403)) wrong.push({ list, status, ...row });
      }
    }
    expect(wrong).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });
});
