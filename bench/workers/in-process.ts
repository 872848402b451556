import process from "node:process";
import { checkContenders } from "../check.ts";
import { contenders } from "../contenders/index.ts";
import type { Fetch } from "../contenders/settings.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { interleave, type Rounds, send } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";
import { makePool } from "../harness/requests.ts";

/** CPU per request of every contender, in this runtime. Its argument is `Rounds` as JSON. */
const rounds: Rounds = JSON.parse(process.argv[2] ?? "");
const deviations = await checkContenders();
const pool = makePool();
const stacks = new Map<string, Fetch>(contenders.map(({ name, make }) => [name, make()]));

const samples = await interleave(contenders, rounds, async ({ name }, count) => {
  const fetch = stacks.get(name) as Fetch; // every contender was made above
  const before = cpuMicros();
  await send(fetch, pool, count);
  return cpuMicros() - before;
});
reply({ deviations, samples });
