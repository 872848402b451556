import { Buffer } from "node:buffer";
import process from "node:process";
import { algorithms, subject, type Verifier, verifiersOf } from "../contenders/tokens.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { interleave, type Rounds } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";

/** Requests of a busy server that are being verified at the same time. */
const together = 20;

/** CPU of verifying a token, in this runtime. Its argument is `Rounds` as JSON. */
const rounds: Rounds = JSON.parse(process.argv[2] ?? "");
const verifiers = (await Promise.all(algorithms.map(verifiersOf))).flat();
for (const verifier of verifiers) await check(verifier);

const samples = await interleave(verifiers, rounds, async ({ token, verify }, count) => {
  const requests = Array.from({ length: count }, () => arriving(token));
  const before = cpuMicros();
  let pending: Promise<unknown>[] = [];
  for (const { request, text } of requests) {
    const answer = verify(request, text);
    if (answer instanceof Promise && pending.push(answer) === together) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
  return cpuMicros() - before;
});
reply(samples);

/** A fresh text, as servers make it for each request: a cache cannot rely on its hash being known. */
function arriving(token: string): { readonly request: Request; readonly text: string } {
  const text = Buffer.from(token, "latin1").toString("latin1");
  const authorization = Buffer.from(`Bearer ${token}`, "latin1").toString("latin1");
  return { request: new Request("https://api.example.com/notes/1?full=1", { headers: { authorization } }), text };
}

/** Makes sure that a verifier lets its token in, and takes no other for it. */
async function check({ name, token, verify }: Verifier): Promise<void> {
  const { request, text } = arriving(token);
  const accepted = JSON.stringify(await verify(request, text));
  const forged = arriving(`${token.slice(0, -8)}AAAAAAAA`);
  const refused = JSON.stringify(await Promise.resolve(verify(forged.request, forged.text)).catch(String));
  if (!accepted.includes(`"${subject}"`) || refused.includes(`"${subject}"`))
    throw new Error(`${name} does not verify`);
}
