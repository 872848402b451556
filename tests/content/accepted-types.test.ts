import { describe, expect, test } from "vitest";
import { policy, secure } from "../../src/index.ts";
import { expectProblem, silent } from "../lib/harness.ts";
import { counting, echo, type PlainConfig, send, sendJson } from "./support.ts";

async function answer(config: PlainConfig, headers: Record<string, string>, method = "POST"): Promise<Response> {
  return counting(config).fetch(send({ method, headers: { "content-length": "2", ...headers }, body: "{}" }));
}

describe("content.accepts", () => {
  const suffixed = { content: { accepts: ["application/*+json"] } };

  test.each(["application/vnd.api+json", "APPLICATION/VND.API+JSON; charset=utf-8", "application/merge-patch+json"])(
    "lets a pattern by suffix cover %s",
    async (type) => {
      expect((await answer(suffixed, { "content-type": type })).status).toBe(200);
    },
  );

  test.each([
    "application/json",
    "application/+json",
    "application/vnd.api+jsonp",
    "application/vnd.api+xml",
    "text/x+json",
    "text/vnd.example.note+json",
  ])("does not let a pattern by suffix cover %s", async (type) => {
    await expectProblem(await answer(suffixed, { "content-type": type }), 415, "unsupported_media_type");
  });

  test.each([
    "application/csp-report",
    "application/expect-ct-report+json",
    "Application/Expect-CT-Report+JSON; charset=utf-8",
    "application/reports+json",
    "application/xss-auditor-report",
  ])("never lets a pattern cover %s, which browsers send without a preflight", async (type) => {
    await expectProblem(await answer(suffixed, { "content-type": type }), 415, "unsupported_media_type");
  });

  test("takes such a type where it is named", async () => {
    const reports = { content: { accepts: ["application/reports+json"] } };
    expect((await answer(reports, { "content-type": "application/reports+json" })).status).toBe(200);
  });

  test("replaces the default", async () => {
    const images = { content: { accepts: ["image/png", "image/webp"] } };
    expect((await answer(images, { "content-type": "image/webp" })).status).toBe(200);
    await expectProblem(await answer(images, { "content-type": "application/json" }), 415, "unsupported_media_type");
  });

  test("is replaced by with()", async () => {
    const fetch = policy({ content: {}, onEvent: silent }).with({ content: { accepts: ["text/csv"] } })(echo);
    expect((await fetch(send({ headers: { "content-type": "text/csv" }, body: "a,b" }))).status).toBe(200);
    await expectProblem(await fetch(sendJson({})), 415, "unsupported_media_type");
  });
});

describe("a 415 for the media type", () => {
  const two = { content: { accepts: ["application/json", "application/*+json"] } };

  test.each([
    ["POST", { "accept-post": "application/json, application/*+json", "accept-patch": null }],
    ["PATCH", { "accept-post": null, "accept-patch": "application/json, application/*+json" }],
    ["PUT", { "accept-post": null, "accept-patch": null }],
    ["DELETE", { "accept-post": null, "accept-patch": null }],
  ])("for %s says what would be accepted", async (method, expected) => {
    const response = await answer(two, { "content-type": "text/plain" }, method);
    expect(response.headers.get("accept")).toBe("application/json, application/*+json");
    for (const [name, value] of Object.entries(expected))
      expect([name, response.headers.get(name)]).toEqual([name, value]);
    expect(response.headers.has("accept-encoding")).toBe(false);
    await expectProblem(response, 415, "unsupported_media_type");
  });
});

describe("a content coding", () => {
  const type = { "content-type": "application/json" };

  test.each(["gzip", "GZIP", "br", "deflate", "x-unknown", "identity, gzip", "gzip, gzip"])(
    "%s is refused, and the answer says which are accepted",
    async (coding) => {
      const response = await answer({ content: {} }, { ...type, "content-encoding": coding });
      expect(response.headers.get("accept-encoding")).toBe("identity");
      await expectProblem(response, 415, "unsupported_media_type");
    },
  );

  test.each(["identity", "Identity"])("%s passes", async (coding) => {
    expect((await answer({ content: {} }, { ...type, "content-encoding": coding })).status).toBe(200);
  });

  test("of acceptEncodings passes, in any case, and others are refused", async () => {
    const content = { acceptEncodings: ["gzip", "br"] };
    for (const coding of ["gzip", "GZip", "br"])
      expect((await answer({ content }, { ...type, "content-encoding": coding })).status).toBe(200);
    for (const coding of ["zstd", "gzip, br"]) {
      const response = await answer({ content }, { ...type, "content-encoding": coding });
      expect(response.headers.get("accept-encoding")).toBe("identity, gzip, br");
      await expectProblem(response, 415, "unsupported_media_type");
    }
  });

  test("does not excuse the media type", async () => {
    const response = await answer(
      { content: { acceptEncodings: ["gzip"] } },
      { "content-type": "text/plain", "content-encoding": "gzip" },
    );
    await expectProblem(response, 415, "unsupported_media_type");
  });

  test("of an undeclared body is refused too", async () => {
    const { fetch, calls } = counting({ content: {} });
    const response = await fetch(send({ headers: { ...type, "content-encoding": "gzip" }, body: "{}" }));
    await expectProblem(response, 415, "unsupported_media_type");
    expect(calls()).toBe(0);
  });
});

describe("a route's content", () => {
  const fetch = policy({
    content: { accepts: ["application/json"], maxBodyBytes: 4, acceptEncodings: ["gzip"] },
    routes: { "/upload": { content: { accepts: ["image/png"] } } },
    onEvent: silent,
  })(echo);
  const png = (path: string, body: string): Request => send({ path, headers: { "content-type": "image/png" }, body });

  test("replaces the policy's", async () => {
    expect((await fetch(png("/upload", "x"))).status).toBe(200);
    const elsewhere = await fetch(png("/", "x"));
    expect(elsewhere.headers.get("accept")).toBe("application/json");
    await expectProblem(elsewhere, 415, "unsupported_media_type");
    const refused = await fetch(send({ path: "/upload", headers: { "content-type": "application/json" }, body: "{}" }));
    expect(refused.headers.get("accept")).toBe("image/png");
    await expectProblem(refused, 415, "unsupported_media_type");
  });

  test("is not merged with the policy's", async () => {
    expect((await fetch(png("/upload", "longer than four"))).status).toBe(200);
    const coded = await fetch(
      send({ path: "/upload", headers: { "content-type": "image/png", "content-encoding": "gzip" }, body: "x" }),
    );
    expect(coded.headers.get("accept-encoding")).toBe("identity");
    await expectProblem(coded, 415, "unsupported_media_type");
  });
});

describe.each([
  ["secure()", secure(echo)],
  ["a policy without content", policy({ onEvent: silent })(echo)],
])("%s", (_name, fetch) => {
  test.each([
    ["no type", {}],
    ["any type", { "content-type": "text/plain; application/json" }],
    ["a content coding", { "content-encoding": "gzip" }],
    ["an Accept that excludes everything", { accept: "*/*;q=0" }],
    ["a method-override field", { "x-http-method-override": "DELETE" }],
  ])("leaves %s alone", async (_what, headers) => {
    const response = await fetch(send({ headers: { "content-length": "4", ...headers }, body: "text" }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ text: "text" });
  });
});
