import { checkAnswers } from "../check.ts";
import { nameOf } from "../contenders/index.ts";
import type { Variant } from "../contenders/settings.ts";
import { openLoad } from "../harness/load.ts";
import { interleave, type Rounds, type Samples } from "../harness/measure.ts";
import { clientFields } from "../harness/requests.ts";
import { type ServedContender, type Server, startServers } from "../harness/server.ts";
import { startWorkers } from "../harness/workerd-servers.ts";

interface Lineup {
  readonly server: string;
  /** Handlers with nothing around them. */
  readonly bare: readonly string[];
  readonly stacks: readonly string[];
}

export const lineups = {
  node: {
    server: "@hono/node-server",
    bare: ["raw", "raw in hono"],
    stacks: ["minimal", "mantlet", "mantlet in hono", "hono"],
  },
  bun: { server: "Bun.serve", bare: ["raw"], stacks: ["minimal", "mantlet", "hono"] },
  deno: { server: "Deno.serve", bare: ["raw"], stacks: ["minimal", "mantlet", "hono"] },
  workerd: { server: "workerd", bare: ["raw"], stacks: ["minimal", "mantlet", "hono"] },
} as const satisfies Record<string, Lineup>;

/** The fields of a client; one of them is what Cloudflare's network writes, and nobody else reads. */
const sent = { ...clientFields, "cf-connecting-ip": "203.0.113.7" };

/** CPU per request of the server of every contender, under load from this process. */
export async function measureHttp(
  runtime: keyof typeof lineups,
  file: string,
  rounds: Rounds,
  variants: readonly Variant[],
): Promise<Samples> {
  const contenders = contendersOf(lineups[runtime], variants);
  const servers = await (runtime === "workerd"
    ? startWorkers(file, contenders)
    : startServers(runtime, file, contenders));
  const serverOf = ({ name }: ServedContender): Server => servers.byName.get(name) as Server; // all were started above
  try {
    await checkAnswers(contenders, (contender) =>
      fetch(`http://127.0.0.1:${serverOf(contender).port}/notes/1?full=1`, { headers: sent }),
    );
    return await interleave(contenders, rounds, (contender, count) => costOf(serverOf(contender), count));
  } finally {
    await servers.close();
  }
}

/** The connections are new: servers close those that wait while others are measured. */
async function costOf({ port, cpuMicros }: Server, count: number): Promise<number> {
  const load = await openLoad(port, sent);
  const before = await cpuMicros();
  await load.send(count);
  const micros = (await cpuMicros()) - before;
  load.close();
  return micros;
}

function contendersOf({ bare, stacks }: Lineup, variants: readonly Variant[]): readonly ServedContender[] {
  return [
    ...bare.map((stack) => ({ name: stack, stack, variant: undefined })),
    ...variants.flatMap((variant) => stacks.map((stack) => ({ name: nameOf(stack, variant), stack, variant }))),
  ];
}
