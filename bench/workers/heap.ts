import process from "node:process";
import { contenders } from "../contenders/index.ts";
import { collectGarbage } from "../harness/garbage.ts";
import { median, send } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";
import { makePool } from "../harness/requests.ts";

/** Few enough for the young generation that the runtimes are started with, so that nothing is collected meanwhile. */
const requests = 500;
const rounds = 9;

/** Bytes that each contender allocates on the JavaScript heap per request. */
const pool = makePool();
const bytes: Record<string, number> = {};
for (const { name, make } of contenders) {
  const fetch = make();
  await send(fetch, pool, 2000);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    await send(fetch, pool, requests);
    samples.push((process.memoryUsage().heapUsed - before) / requests);
  }
  bytes[name] = median(samples);
}
reply(bytes);
