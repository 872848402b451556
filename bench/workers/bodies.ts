import process from "node:process";
import { body, bodyContenders, wrongBody } from "../contenders/bodies.ts";
import type { Fetch, PooledRequest } from "../contenders/settings.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { interleave, type Rounds, send } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";
import { clientFields } from "../harness/requests.ts";

/** CPU of reading a body and checking it, in this runtime. Its argument is `Rounds` as JSON. */
const rounds: Rounds = JSON.parse(process.argv[2] ?? "");
const contenders = Object.entries(bodyContenders).map(([name, fetch]) => ({ name, fetch }));
for (const { name, fetch } of contenders) await check(name, fetch);

const samples = await interleave(contenders, rounds, async ({ fetch }, count) => {
  const requests = Array.from({ length: count }, () => posted(body));
  const before = cpuMicros();
  await send(fetch, requests, count);
  return cpuMicros() - before;
});
reply(samples);

/** A body can be read once, so there is a request for each time. */
function posted(text: string): PooledRequest {
  const bytes = new TextEncoder().encode(text);
  const headers = { ...clientFields, "content-type": "application/json", "content-length": String(bytes.length) };
  const request = new Request("https://api.example.com/notes", { method: "POST", body: bytes, headers });
  return Object.assign(request, { ip: "203.0.113.7" });
}

/** Makes sure that a body is taken, and that who checks it takes no other. */
async function check(name: string, fetch: Fetch): Promise<void> {
  const taken = await fetch(posted(body));
  const isWrongTaken = await Promise.resolve(fetch(posted(wrongBody))).then(
    ({ ok }) => ok,
    () => false,
  );
  const checks = name !== "raw" && name !== "mantlet";
  if (!taken.ok || isWrongTaken === checks) throw new Error(`${name} does not check its body`);
}
