import { Buffer } from "node:buffer";
import process from "node:process";
import { type Limit, memoryStore } from "../../src/index.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { collectGarbage } from "../harness/garbage.ts";
import { median } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";

const clients = 1_000_000;
const limit: Limit = {
  id: "bench",
  name: "bench",
  algorithm: "gcra",
  limit: 100_000,
  windowMs: 3_600_000,
  burst: 100_000,
  isAligned: false,
};

/** The default store with a million clients: what they cost, and how fast it takes and finds them. */
const store = memoryStore({ maxKeys: 2 * clients });
const nowMs = Date.now();
/** An address as a socket gives it: one flat text, not the rope of parts that a template makes. */
const identityOf = (client: number): string => {
  const address = `${10 + (client >> 24)}.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`;
  return Buffer.from(address, "latin1").toString("latin1");
};
const decide = (identity: string): void => {
  store.consume([{ identity, limit, cost: 1 }], { nowMs });
};

collectGarbage();
const bytesBefore = process.memoryUsage().heapUsed;
const before = cpuMicros();
for (let client = 0; client < clients; client++) decide(identityOf(client));
const insertMicros = (cpuMicros() - before) / clients;
collectGarbage();
const bytesPerKey = (process.memoryUsage().heapUsed - bytesBefore) / clients;

const samples = Array.from({ length: 7 }, (_, round) => {
  // Fresh texts, as servers make them for each request: a store cannot rely on their hash being known.
  const asked = Array.from({ length: 100_000 }, (_, count) => identityOf((count * 7919 + round) % clients));
  const start = cpuMicros();
  for (const identity of asked) decide(identity);
  return (cpuMicros() - start) / asked.length;
});
reply({ bytesPerKey, newKeysPerSecond: 1e6 / insertMicros, decisionMicros: median(samples) });
