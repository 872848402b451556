import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { policy } from "../../src/index.ts";
import { httpsUrl, originList, secret, trustedProxies } from "../../src/zod.ts";

const Environment = z.object({
  CORS_ORIGINS: originList(),
  JWT_SECRET: secret(),
  ISSUER: httpsUrl(),
  PROXIES: trustedProxies(),
});

const good = {
  CORS_ORIGINS: "https://app.example.com, https://*.preview.example.com",
  JWT_SECRET: "q4vXo9dTn1Zy7KfBwR2mHs8JcL5uGp3E",
  ISSUER: "https://id.example.com/",
  PROXIES: "10.0.0.0/8, 2001:db8::/32",
};

/** Everything that a program may print of an error. */
function everythingOf(error: unknown): string {
  const { message, stack = "" } = error instanceof Error ? error : new Error("none");
  const printed = error instanceof z.ZodError ? [z.prettifyError(error), z.treeifyError(error)] : [];
  return [message, stack, String(error), JSON.stringify([error, ...printed]), inspect(error, { depth: 9 })].join("\n");
}

describe("an environment", () => {
  test("becomes the settings of a policy", () => {
    const { CORS_ORIGINS, ...others } = Environment.parse({ ...good, PATH: "/usr/bin" });
    expect(CORS_ORIGINS).toEqual(["https://app.example.com", "https://*.preview.example.com"]);
    expect(others).toEqual({
      JWT_SECRET: good.JWT_SECRET,
      ISSUER: good.ISSUER,
      PROXIES: ["10.0.0.0/8", "2001:db8::/32"],
    });
  });

  test("lets exactly its origins read", async () => {
    const { CORS_ORIGINS } = Environment.parse(good);
    const handler = policy({ cors: { origins: CORS_ORIGINS, credentials: true } })(() => Response.json({}));
    const answerTo = async (origin: string): Promise<string | null> => {
      const response = await handler(new Request("https://api.example.com/", { headers: { origin } }));
      expect(response.status).toBe(200);
      return response.headers.get("access-control-allow-origin");
    };
    expect(await answerTo("https://app.example.com")).toBe("https://app.example.com");
    expect(await answerTo("https://pr-7.preview.example.com")).toBe("https://pr-7.preview.example.com");
    expect(await answerTo("https://evil.example")).toBeNull();
  });

  test("says all of its mistakes at once, each with its fix", () => {
    const result = Environment.safeParse({
      CORS_ORIGINS: "https://app.example.com/,http://a.example:80, null, example.com",
      JWT_SECRET: "too-short",
      ISSUER: "http://id.example.com/",
      PROXIES: "10.0.0.0/33, load-balancer",
    });
    expect(z.prettifyError(result.error ?? new z.ZodError([]))).toMatchInlineSnapshot(`
      "✖ "https://app.example.com/" has a slash or path behind the host: write "https://app.example.com"
        → at CORS_ORIGINS
      ✖ "http://a.example:80" names the default port: write "http://a.example"
        → at CORS_ORIGINS
      ✖ "null" is the origin of sandboxed and local pages of anybody: it cannot be allowed
        → at CORS_ORIGINS
      ✖ "example.com" has no scheme: write "https://example.com"
        → at CORS_ORIGINS
      ✖ must be at least 32 bytes long: make one with "openssl rand -base64 32"
        → at JWT_SECRET
      ✖ must be an https URL
        → at ISSUER
      ✖ "10.0.0.0/33" is neither an address nor a network such as 10.0.0.0/8
        → at PROXIES
      ✖ "load-balancer" is neither an address nor a network such as 10.0.0.0/8
        → at PROXIES"
    `);
  });

  test("names the variables that are missing", () => {
    const { error } = Environment.safeParse({});
    expect(error?.issues.map(({ path }) => path.join())).toEqual(["CORS_ORIGINS", "JWT_SECRET", "ISSUER", "PROXIES"]);
    for (const { code, message } of error?.issues ?? []) {
      expect([code, message]).toEqual(["invalid_type", "is missing: set this variable"]);
    }
  });

  test("does not call a variable missing that is something else than text", () => {
    const { error } = Environment.safeParse({ ...good, JWT_SECRET: 7, ISSUER: null });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      "Invalid input: expected string, received number",
      "Invalid input: expected string, received null",
    ]);
  });

  test("may leave variables out where the program says so", () => {
    const Optional = z.object({
      CORS_ORIGINS: originList().prefault("https://app.example.com"),
      PROXIES: trustedProxies().default([]),
      ISSUER: httpsUrl().optional(),
    });
    expect(Optional.parse({})).toEqual({ CORS_ORIGINS: ["https://app.example.com"], PROXIES: [] });
    expect(Optional.safeParse({ CORS_ORIGINS: "null" }).success).toBe(false);
  });

  test.each(["CORS_ORIGINS", "JWT_SECRET", "ISSUER", "PROXIES"])("does not take an empty %s for one", (name) => {
    for (const value of ["", " ", "\n"]) {
      const { error } = Environment.safeParse({ ...good, [name]: value });
      expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
    }
  });
});

describe("no error shows", () => {
  const canary = "Canary7RmZ2xQ";

  test.each([
    ["a short secret", canary],
    ["a secret with white space around it", ` ${canary}${canary}${canary}\n`],
    ["a secret that repeats itself", canary.slice(0, 6).repeat(40)],
  ])("%s", (_name, value) => {
    for (const reportInput of [false, true]) {
      const { error } = Environment.safeParse({ ...good, JWT_SECRET: value }, { reportInput });
      expect(error?.issues).toHaveLength(1);
      expect(everythingOf(error)).not.toContain(canary.slice(0, 6));
    }
  });

  test.each([
    ["the password of a URL", `https://user:${canary}@id.example.com/`],
    ["the user name of a URL", `https://${canary}@id.example.com/`],
    ["the text of what is no URL", `//user:${canary}@id.example.com`],
    ["the query of a URL that is not https", `http://id.example.com/?token=${canary}`],
    ["the fragment of a URL", `https://id.example.com/#${canary}`],
  ])("%s", (_name, value) => {
    const { error } = Environment.safeParse({ ...good, ISSUER: value });
    expect(error?.issues).toHaveLength(1);
    expect(everythingOf(error)).not.toContain(canary);
  });

  test.each([
    ["the password of an origin", `https://user:${canary}@app.example.com`],
    ["the password of an origin with a path", `https://user:${canary}@app.example.com/login`],
    ["the password of an origin beside a good one", `https://app.example.com, https://u:${canary}@app.example.com`],
  ])("%s", (_name, value) => {
    const { error } = Environment.safeParse({ ...good, CORS_ORIGINS: value });
    expect(error?.issues).toHaveLength(1);
    expect(everythingOf(error)).not.toContain(canary);
  });

  test("a good secret because another variable is wrong", () => {
    const { error } = Environment.safeParse({ ...good, JWT_SECRET: `${canary}-${good.JWT_SECRET}`, ISSUER: "x" });
    expect(error?.issues).toHaveLength(1);
    expect(everythingOf(error)).not.toContain(canary);
  });
});
