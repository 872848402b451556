import { compileCors } from "../../src/cors/cors.ts";
import type { Issues } from "../../src/lib/options.ts";
import { cpuMicros } from "../harness/cpu.ts";
import { median } from "../harness/measure.ts";
import { reply } from "../harness/reply.ts";

const decisions = 200_000;
const rounds = 7;

/** What requests come with: an exact entry, hosts below a wildcard, any port, and strangers. */
const asked: readonly string[] = [
  "https://app4.example.com",
  "https://app.example.com",
  "https://a.tenant2.example.net",
  "https://a.b.tenant3.example.net",
  "http://localhost:5173",
  "https://tenant2.example.net",
  "https://attacker.example.org",
  "null",
];

/** µs per decision on an allow list of this many entries, every tenth of them a wildcard. */
function decisionMicros(entries: number): number {
  const origins = Array.from({ length: entries - 1 }, (_, index) =>
    index % 10 === 2 ? `https://*.tenant${index}.example.net` : `https://app${index}.example.com`,
  );
  const issues: Issues = [];
  const cors = compileCors({ origins: ["http://localhost:*", ...origins] }, "cors", issues, { sent: [], read: [] });
  const { origins: matches } = cors;
  if (typeof matches !== "function" || issues.length > 0)
    throw new Error(`the list was refused: ${issues[0]?.message}`);
  let allowed = 0;
  const samples = Array.from({ length: rounds }, () => {
    const before = cpuMicros();
    for (let index = 0; index < decisions; index++) {
      if (matches(asked[index & 7] as string) === true) allowed++;
    }
    return (cpuMicros() - before) / decisions;
  });
  if (allowed === 0 || allowed === decisions * rounds) throw new Error("the list decides nothing");
  return median(samples);
}

reply({ ten: decisionMicros(10), tenThousand: decisionMicros(10_000) });
