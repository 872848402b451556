import { expect, it, type TestContext } from "vitest";
import { describeWithRedis } from "../redis/server.ts";
import {
  expectClosed,
  expectCounted,
  expectLocal,
  expectOpen,
  timed,
  untilItDecides,
  type Watched,
  watch,
} from "./support.ts";
import {
  type RedisClient,
  type RedisFault,
  redisWorld,
  type UpstashFault,
  upstashWorld,
  type World,
} from "./worlds.ts";

/** With the deadline of 250 ms, a busy machine included. */
const longestDecisionMs = 1000;
const pauseMs = 1000;

const redisCases: readonly (readonly [RedisFault, RedisClient])[] = [
  ["killed server", "ioredis"],
  ["killed server", "node-redis"],
  ["paused server", "ioredis"],
  ["paused server", "node-redis"],
  ["refused port", "ioredis"],
  ["refused port", "node-redis"],
  ["black hole", "ioredis"],
  ["black hole", "node-redis"],
];
const upstashFaults: readonly UpstashFault[] = ["error 500", "silent", "cut", "no json", "killed server behind it"];

describeWithRedis("an outage: decisions by the deadline, then at once, then recovery by one probe", () => {
  it.concurrent.for(redisCases)("%s, over %s", async ([fault, client], context) => {
    const isUpFirst = fault === "killed server" || fault === "paused server";
    await liveThrough(await redisWorld(client, fault), isUpFirst, context);
  });

  it.concurrent.for(upstashFaults)("%s, over Upstash", async (fault, context) => {
    await liveThrough(await upstashWorld(fault), true, context);
  });
});

async function liveThrough(world: World, isUpFirst: boolean, context: TestContext): Promise<void> {
  try {
    const policies = [watch(world.store, "local"), watch(world.store, "open"), watch(world.store, "closed")] as const;
    if (isUpFirst) await untilItDecides(world.store);
    const askedBefore = isUpFirst ? await connect(policies) : 0;
    const requestsBefore = world.requests?.() ?? 0;
    await world.breakDown();
    const failing = await failThreeTimes(policies);
    const open = await stayOpen(policies);
    for (const { asked, events } of policies) {
      expect(asked()).toBe(askedBefore + 3);
      expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 3 }, () => "store_unavailable"));
    }
    if (world.requests !== undefined) expect(world.requests() - requestsBefore).toBe(3 * policies.length); // none twice
    await world.repair();
    await recover(world, policies);
    await context.annotate(`until decided: ${show(failing)}; with an open breaker: ${show(open)}`);
  } finally {
    await world.close();
  }
}

type Policies = readonly [local: Watched, open: Watched, closed: Watched];

/** One decision of each policy by the store. */
async function connect(policies: Policies): Promise<number> {
  for (const { api } of policies) expect((await timed(api)).response.status).toBe(200);
  for (const { events } of policies) expect(events).toEqual([]);
  return 1;
}

/** Every request until the breaker opens has the whole deadline. */
async function failThreeTimes([local, open, closed]: Policies): Promise<readonly number[]> {
  const times: number[] = [];
  for (let nth = 1; nth <= 3; nth++) {
    const answers = await Promise.all([timed(local.api), timed(open.api), timed(closed.api)]);
    expectLocal(answers[0].response, nth);
    expectOpen(answers[1].response);
    await expectClosed(answers[2].response);
    times.push(...answers.map(({ ms }) => ms));
  }
  expect(Math.max(...times)).toBeLessThan(longestDecisionMs);
  return times;
}

async function stayOpen([local, open, closed]: Policies): Promise<readonly number[]> {
  const answers = [await timed(local.api), await timed(open.api), await timed(closed.api)] as const;
  expectLocal(answers[0].response, 4);
  expectOpen(answers[1].response);
  await expectClosed(answers[2].response);
  const times = answers.map(({ ms }) => ms);
  expect(Math.max(...times)).toBeLessThan(100); // no waiting; a loaded machine included
  return times;
}

async function recover(world: World, policies: Policies): Promise<void> {
  await untilItDecides(world.store);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  await Promise.all(
    policies.map(async ({ api, events }, index) => {
      const { response } = await timed(api);
      expectCounted(response, ["local", "open", "closed"][index] ?? "");
      expect(events.map(({ type, code }) => `${type} ${code}`).slice(3)).toEqual(["store_recovered limiter_recovered"]);
      expectCounted((await timed(api)).response, ["local", "open", "closed"][index] ?? "");
    }),
  );
}

function show(times: readonly number[]): string {
  return `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} ms`;
}
