import { existsSync, readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const readme = readFileSync("README.md", "utf8");
const snippets = [...readme.matchAll(/<!-- (examples\/readme\/[\w-]+\.ts) -->\n```ts\n(.*?)```/gs)];
const responses = [...readme.matchAll(/<!-- response: ([\w-]+\.ts) (\w+) (\S+) ?(.*?) -->\n```http\n(.*?)```/gs)];

/** Ids and times differ from run to run. */
function stable(text: string): string {
  return text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>").replace(/(reset: )\d+/, "$1<time>");
}

async function exchangeOf(file: string, method: string, url: string, fields: string): Promise<string> {
  const headers = new Headers();
  for (const [, name = "", value = ""] of fields.matchAll(/([\w-]+): (\S+)/g)) headers.set(name, value);
  const { default: app } = await import(/* @vite-ignore */ `../examples/readme/${file}`);
  const peer = { remoteAddr: { hostname: "192.0.2.1" } };
  const response: Response = await app.fetch(new Request(url, { method, headers }), peer);
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  const body = await response.text();
  return `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\n${lines.join("\n")}\n\n${body}\n`;
}

describe("the README", () => {
  beforeAll(() => {
    vi.stubEnv("PORT", "0");
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test("has a file for every snippet of code", () => {
    expect(snippets.length).toBe([...readme.matchAll(/```ts\n/g)].length);
    expect(responses.length).toBe([...readme.matchAll(/```http\n/g)].length);
  });

  test.each(snippets.map(([, file = "", code = ""]) => [file, code]))(
    "shows %s as it is, and it runs",
    async (file, code) => {
      expect(readFileSync(file, "utf8")).toBe(code);
      const module: Record<string, unknown> = await import(/* @vite-ignore */ `../${file}`);
      expect(Object.keys(module)).not.toHaveLength(0);
      const { server } = module as { server?: { close(force: boolean): Promise<void> } };
      await server?.close(true);
    },
  );

  test.each(responses.map(([, ...parts]) => parts))(
    "shows what %s really answers to %s %s %s",
    async (file, method, url, fields, shown) => {
      expect(stable(await exchangeOf(file ?? "", method ?? "", url ?? "", fields ?? ""))).toBe(stable(shown ?? ""));
    },
  );

  test("tests a handler as somebody by another authenticator", async () => {
    const { response } = await import("../examples/readme/testing.ts");
    expect([response.status, await response.json()]).toEqual([200, { hello: "ada" }]);
  });

  test("links only to files that exist", () => {
    for (const [, target = ""] of readme.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)) {
      expect(existsSync(target), target).toBe(true);
    }
  });
});
