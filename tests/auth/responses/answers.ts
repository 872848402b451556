import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sent } from "../../runtimes/client.ts";
import type { Running } from "../../runtimes/conformance.ts";
import { keys } from "./credentials.ts";
import { rows } from "./table.ts";
import { token } from "./tokens.ts";

const app = "https://app.example.com";

/** The table of the answers of authentication, over a socket. */
export function answers(name: string, start: () => Promise<Running>): void {
  let running: Running | undefined;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.stop());
  const send = (path: string, sent: Sent): Promise<Response> => {
    if (running === undefined) throw new Error(`${name} has not started`);
    return running.send(path, sent);
  };

  test.each(rows.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    const fields = await row.fields();
    const response = await send(row.path, { headers: { ...fields, Origin: app } });
    const body = await response.text();
    const { headers } = response;
    expect({ status: response.status, challenge: headers.get("www-authenticate") }).toEqual({
      status: row.status,
      challenge: row.challenge,
    });
    expect(JSON.parse(body)).toMatchObject({ status: row.status, code: row.code });
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("retry-after")).toEqual(row.status === 503 ? expect.stringMatching(/^[1-9]\d*$/) : null);
    expect(headers.get("vary")?.split(", ")).toEqual(
      expect.arrayContaining(row.path.startsWith("/key") ? ["Origin", "X-API-Key"] : ["Origin", "Authorization"]),
    );
    expect(headers.get("access-control-allow-origin")).toBe(app);
    expect(headers.get("access-control-expose-headers")?.split(", ")).toEqual(
      expect.arrayContaining(["WWW-Authenticate", "Retry-After"]),
    );
    expect(`${body}${[...headers].join()}`).not.toContain("canary");
  });

  test.each([
    ["a token", "/token", async () => ({ Authorization: `Bearer ${await token()}` }), "jwt", "ann"],
    [
      "a token after several spaces, its scheme in other letters",
      "/token",
      async () => ({ Authorization: `bEARER   ${await token()}` }),
      "jwt",
      "ann",
    ],
    [
      "a token that reaches",
      "/token/write",
      async () => ({ Authorization: `Bearer ${await token({ scope: "notes:write" })}` }),
      "jwt",
      "ann",
    ],
    ["a key", "/key/write", async () => ({ "X-API-Key": keys.good.key }), "api-key", "writer"],
    ["a key as Bearer", "/key", async () => ({ Authorization: `Bearer ${keys.good.key}` }), "api-key", "writer"],
    [
      "a token where a key would do",
      "/either",
      async () => ({ Authorization: `Bearer ${await token()}` }),
      "jwt",
      "ann",
    ],
    [
      "a key as Bearer where a token would do",
      "/either",
      async () => ({ Authorization: `Bearer ${keys.good.key}` }),
      "api-key",
      "writer",
    ],
    ["nothing where nothing is needed", "/anybody", async () => ({}), "anonymous", null],
    [
      "a token where nothing is needed",
      "/anybody",
      async () => ({ Authorization: `Bearer ${await token()}` }),
      "jwt",
      "ann",
    ],
  ])("admits %s", async (_, path, fields, method, subject) => {
    const response = await send(path, { headers: await fields() });
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: { method, subject },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("www-authenticate")).toBeNull();
  });

  test("two lines of Authorization are refused", async () => {
    const one = `Bearer ${await token()}`;
    const response = await send("/token", { headers: { Authorization: [one, one] } });
    expect(response.status).toBe(400);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_request"');
    await response.body?.cancel();
  });
}
