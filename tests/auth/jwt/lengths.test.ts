import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../../runtimes/conformance.ts";
import { pathOf } from "../../runtimes/spawn.ts";
import { startWorker } from "../../runtimes/start-worker.ts";
import { algorithms, outcomeOf } from "./servers/lengths.ts";

const rows = algorithms.flatMap((alg) => ["a set", "a CryptoKey"].map((form) => [alg, form] as const));
// workerd rejects where other platforms say false.
const refused = { good: 200, others: Array(7).fill(401) };

test.each(rows)("a signature under %s and %s that is too short or too long is a bad one", async (alg, form) => {
  expect(await outcomeOf(alg, form)).toEqual(refused);
});

describe.each(["2026-07-01", "2024-09-01"])("workerd as it was on %s", (compatibilityDate) => {
  let running: Running | undefined;
  beforeAll(async () => {
    running = await startWorker(pathOf("../auth/jwt/servers/worker.ts"), compatibilityDate);
  });
  afterAll(() => running?.stop());

  test.each(rows)("a signature under %s and %s that is too short or too long is a bad one", async (alg, form) => {
    const response = await running?.send(`/?alg=${alg}&form=${encodeURIComponent(form)}`, {});
    expect(response?.status).toBe(200);
    expect(await response?.json()).toEqual(refused);
  });
});
