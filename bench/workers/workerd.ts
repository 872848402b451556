import { checkContenders } from "../check.ts";
import { contenders } from "../contenders/index.ts";
import type { Fetch, PooledRequest } from "../contenders/settings.ts";
import { send } from "../harness/measure.ts";
import { makePool } from "../harness/requests.ts";

/** On Workers the clock stands still while code runs, so the time is taken outside: this only works off requests. */
let pool: readonly PooledRequest[] | undefined;
const stacks = new Map<string, Fetch>();

export default {
  async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    if (query.has("check")) return Response.json(await checkContenders());
    pool ??= makePool();
    const name = query.get("name");
    const contender = contenders.find((candidate) => candidate.name === name);
    if (contender === undefined) return new Response(null, { status: 404 });
    const fetch = stacks.get(contender.name) ?? contender.make();
    stacks.set(contender.name, fetch);
    await send(fetch, pool, Number(query.get("count")));
    return new Response();
  },
};
