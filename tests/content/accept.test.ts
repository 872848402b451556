import { describe, expect, test } from "vitest";
import { policy, problem } from "../../src/index.ts";
import { expectProblem, get, ok, silent } from "../lib/harness.ts";
import { counting, type PlainConfig, sendJson } from "./support.ts";

async function answer(accept: string | undefined, config: PlainConfig = { content: {} }): Promise<Response> {
  return counting(config).fetch(get("/", accept === undefined ? {} : { accept }));
}

describe("where JSON is produced", () => {
  test.each([
    undefined,
    "",
    "*/*",
    "application/*",
    "application/json",
    "Application/JSON",
    " application/json ",
    "application/json;q=1",
    "application/json;q=0.001",
    "application/json; charset=utf-8",
    "application/json;q=0.5;version=1",
    "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
    "text/html, application/json;q=0.1",
    "text/*;q=1, application/*;q=0.2",
    "*/*;q=0, application/json",
    "application/*;q=0, application/json;q=0.1",
    'text/plain; note="a, b", application/json',
    'text/plain; note="\\", x", application/json',
    'text/plain; note="\\\\", application/json, text/csv; note=""',
    ", ,application/json,",
  ])("Accept: %j passes", async (accept) => {
    expect((await answer(accept)).status).toBe(200);
  });

  test.each([
    "text/html",
    "text/*",
    "image/png, text/html",
    "application/xml",
    "application/problem+json",
    "application/jsonp",
    "application/json;q=0",
    "application/json;Q=0",
    "application/json;q=0.0",
    "application/json;q=0.000",
    "application/json; charset=utf-8; q=0",
    "application/json;q=0, */*",
    "*/*, application/json;q=0",
    "application/*;q=0, */*;q=1",
    "*/*;q=0",
    'text/plain; note=", application/json"',
    'text/plain;x="a,application/json,b"',
    'text/plain; note="a, b", text/csv',
    "text/plain;x=a\\, text/csv",
    'text/plain;x="a\\",application/json,b"',
    'text/plain;x="a\\\\\\",application/json,b"',
  ])("Accept: %j is 406", async (accept) => {
    const { fetch, calls } = counting({ content: {} });
    await expectProblem(await fetch(get("/", { accept })), 406, "not_acceptable");
    expect(calls()).toBe(0);
  });

  test.each(["json", "application", "*", "application/json/x", "*/json", "\u00ff", "text/html text/plain"])(
    "Accept: %j says nothing, so it passes",
    async (accept) => {
      expect((await answer(accept)).status).toBe(200);
    },
  );

  test("what cannot be read is passed over, and the rest decides", async () => {
    await expectProblem(await answer("json, text/html"), 406, "not_acceptable");
    expect((await answer("json, application/json")).status).toBe(200);
  });

  test.each([
    "application/json;q=x",
    "application/json;q=",
    "application/json;q=-0",
    "application/json;q=0.0000",
    "application/json;q=2",
  ])("a malformed weight is no exclusion: %s", async (accept) => {
    expect((await answer(accept)).status).toBe(200);
  });

  test("a range for another version excludes nothing of what is produced", async () => {
    expect((await answer("application/json;version=2;q=0, */*")).status).toBe(200);
    expect((await answer("application/json, application/json;version=2;q=0")).status).toBe(200);
  });
});

describe("where several types are produced", () => {
  const config = { content: { produces: ["application/json", "text/csv"] } };

  test.each(["text/csv", "text/*", "application/json;q=0, text/csv", "text/csv;q=0, */*", "application/json;q=0, */*"])(
    "one that is acceptable is enough: %s",
    async (accept) => {
      expect((await answer(accept, config)).status).toBe(200);
    },
  );

  test.each(["text/html", "text/csv;q=0, application/json;q=0, */*", "image/*"])("none is 406: %s", async (accept) => {
    await expectProblem(await answer(accept, config), 406, "not_acceptable");
  });
});

test("HEAD is judged as GET is, and its refusal has no body", async () => {
  const { fetch, calls } = counting({ content: {} });
  const head = (accept: string): Request =>
    new Request("https://api.example.com/", { method: "HEAD", headers: { accept } });
  const refused = await fetch(head("text/html"));
  expect(refused.status).toBe(406);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(await refused.text()).toBe("");
  expect(calls()).toBe(0);
  expect((await fetch(head("application/json"))).status).toBe(200);
});

test("problems are sent whatever Accept says of problems", async () => {
  const fetch = policy({ content: {}, onEvent: silent })(() => problem(404, "no_such_note"));
  await expectProblem(await fetch(get("/", { accept: "application/json" })), 404, "no_such_note");
  const refused = await fetch(get("/", { accept: "application/json;q=0, application/problem+json;q=0" }));
  await expectProblem(refused, 406, "not_acceptable");
});

test("Accept is checked beside a body's type, and the type is named first", async () => {
  const { fetch } = counting({ content: {} });
  const send = (type: string, accept: string): Promise<Response> =>
    fetch(sendJson({}, { headers: { "content-type": type, accept } }));
  await expectProblem(await send("application/json", "text/html"), 406, "not_acceptable");
  await expectProblem(await send("text/plain", "text/html"), 415, "unsupported_media_type");
});

test("a preflight is answered whatever its Accept says", async () => {
  const fetch = policy({ cors: { origins: ["https://app.example.com"] }, content: {}, onEvent: silent })(ok);
  const headers = {
    origin: "https://app.example.com",
    "access-control-request-method": "PUT",
    "access-control-request-headers": "content-type",
    accept: "text/html",
  };
  const response = await fetch(new Request("https://api.example.com/", { method: "OPTIONS", headers }));
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
});

test("a 406 and a 415 can be read by allowed origins", async () => {
  const fetch = policy({ cors: { origins: ["https://app.example.com"] }, content: {}, onEvent: silent })(ok);
  const origin = "https://app.example.com";
  const unacceptable = await fetch(get("/", { origin, accept: "text/html" }));
  const mistyped = await fetch(sendJson({}, { headers: { origin, "content-type": "text/plain" } }));
  for (const response of [unacceptable, mistyped])
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
  await expectProblem(unacceptable, 406, "not_acceptable");
  await expectProblem(mistyped, 415, "unsupported_media_type");
});
