import { checkAnswers } from "../check.ts";
import { body } from "../contenders/bodies.ts";
import { nameOf } from "../contenders/index.ts";
import type { Variant } from "../contenders/settings.ts";
import { openLoad, type Sent } from "../harness/load.ts";
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
    bare: ["raw", "raw, reading", "raw in hono"],
    stacks: ["minimal", "mantlet", "mantlet, reading", "mantlet in hono", "hono"],
  },
  bun: {
    server: "Bun.serve",
    bare: ["raw", "raw, reading"],
    stacks: ["minimal", "mantlet", "mantlet, reading", "hono"],
  },
  deno: {
    server: "Deno.serve",
    bare: ["raw", "raw, reading"],
    stacks: ["minimal", "mantlet", "mantlet, reading", "hono"],
  },
  workerd: { server: "workerd", bare: ["raw"], stacks: ["minimal", "mantlet", "hono"] },
} as const satisfies Record<string, Lineup>;

/** The fields of a client; one of them is what Cloudflare's network writes, and nobody else reads. */
const fields = { ...clientFields, "cf-connecting-ip": "203.0.113.7" };
const get: Sent = { method: "GET", fields };
/** Without the longest fields: Deno 2.9 closes a connection behind every request with a body that is longer than 512 bytes. */
const { authorization: _, "user-agent": __, "accept-language": ___, ...short } = fields;
const post: Sent = { method: "POST", fields: { ...short, "content-type": "application/json" }, body };

/** What a contender is sent: a body if it reads one. */
function sentTo({ stack }: ServedContender): Sent {
  return stack.endsWith(", reading") ? post : get;
}

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
    await checkAnswers(contenders, (contender) => {
      const { fields: headers, ...sent } = sentTo(contender);
      return fetch(`http://127.0.0.1:${serverOf(contender).port}/notes/1?full=1`, { ...sent, headers });
    });
    return await interleave(contenders, rounds, (contender, count) =>
      costOf(serverOf(contender), sentTo(contender), count),
    );
  } finally {
    await servers.close();
  }
}

/** The connections are new: servers close those that wait while others are measured. */
async function costOf({ port, cpuMicros }: Server, sent: Sent, count: number): Promise<number> {
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
