import { expect, test } from "vitest";
import { bin, run } from "../../package/support.ts";

const folder = new URL("runners/", import.meta.url).pathname;

test.each([
  ["node:test", "node", ["--test", "node.ts"], /^ℹ fail 0$/m],
  ["Deno.test", "deno", ["test", "--no-check", "--quiet", "deno.ts"], /\| 0 failed/],
])("the suite runs under %s, and the memory store passes it", async (_name, runtime, args, passed) => {
  const output = await run(bin(runtime), args, folder, { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });
  expect(output).toMatch(passed);
});

test("the suite runs under bun:test, and the memory store passes it", async () => {
  // It ends with another code than 0 when a test fails; its report is in stderr.
  await run(bin("bun"), ["test", "./bun.ts"], folder);
});
