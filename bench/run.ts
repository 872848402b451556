import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { variants } from "./contenders/index.ts";
import type { Variant } from "./contenders/settings.ts";
import { bundleWorkers } from "./harness/bundle.ts";
import type { Rounds, Samples } from "./harness/measure.ts";
import { runtimes, runWorker, versionOf } from "./harness/runtimes.ts";
import { formatTable, type Row } from "./harness/table.ts";
import {
  bodyRows,
  coldStartRows,
  costRows,
  heapRows,
  type LookupFigures,
  lookupRows,
  type StoreFigures,
  servedRows,
  sizeRows,
  tokenRows,
} from "./report.ts";
import { measureColdStart } from "./suites/cold-start.ts";
import { lineups, measureHttp } from "./suites/http.ts";
import { measureSizes } from "./suites/sizes.ts";
import { measureWorkerd } from "./suites/workerd.ts";

/** `npm run bench [-- --quick] [-- --json FILE]`: compares mantlet with the rivals, and with its goals. */
const { values: options } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "string" } } });
const rounds: Rounds = options.quick
  ? { rounds: 15, batchMs: 15, warmUpRequests: 3000 }
  : { rounds: 60, batchMs: 30, warmUpRequests: 3000 };
/** Servers need more: their compilers see the code of the server too. */
const servedRounds: Rounds = options.quick
  ? { rounds: 15, batchMs: 30, warmUpRequests: 10_000 }
  : { rounds: 60, batchMs: 60, warmUpRequests: 40_000 };
/** Short ones: the requests of a round are alive at once, and most rounds must end before they are collected. */
const bodyRounds: Rounds = { rounds: rounds.rounds * 10, batchMs: 1, warmUpRequests: 20_000 };
const servedVariants: readonly Variant[] = options.quick ? ["twelve"] : variants;
const coldStarts = options.quick ? 7 : 25;

const workers = [
  ...["in-process", "bodies", "heap", "lookups", "store", "cold-start", "workerd", "tokens"],
  ...["serve-node", "serve-bun", "serve-deno", "serve-workerd"],
];
const tables: Record<string, readonly Row[]> = {};
const show = (title: string, rows: readonly Row[]): void => {
  tables[title] = rows;
  console.log(formatTable(title, rows));
};

const versions = await Promise.all(runtimes.map(versionOf));
const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${versions.join(", ")}`;
console.log(
  `${machine}\nCPU time; medians of ${rounds.rounds} interleaved rounds; ratios are medians of the rounds' ratios\n`,
);

const folder = mkdtempSync(join(tmpdir(), "mantlet-bench-"));
try {
  show("size, minified + gzip", sizeRows(await measureSizes()));
  const worker = await bundleWorkers(workers, folder);

  for (const runtime of runtimes) {
    const { deviations, samples } = await runWorker<{ deviations: readonly string[]; samples: Samples }>(
      runtime,
      worker("in-process"),
      JSON.stringify(rounds),
    );
    if (runtime === "node") console.log(`${deviations.map((text) => `declared deviation: ${text}`).join("\n")}\n`);
    show(`${runtime}: CPU per request`, costRows(runtime, samples));
    const bodies = await runWorker<Samples>(runtime, worker("bodies"), JSON.stringify(bodyRounds));
    show(`${runtime}: CPU per request with a body of 193 bytes`, bodyRows(bodies));
    if (runtime !== "bun") {
      const bytes = await runWorker<Record<string, number>>(runtime, worker("heap"), "", { measuresHeap: true });
      show(`${runtime}: heap per request above raw`, heapRows(bytes));
    }
    const lookups = await runWorker<LookupFigures>(runtime, worker("lookups"));
    const store = await runWorker<StoreFigures>(runtime, worker("store"), "", { measuresHeap: true });
    show(`${runtime}: lookups`, lookupRows(lookups, store));
  }
  show("node: CPU per token", tokenRows(await runWorker<Samples>("node", worker("tokens"), JSON.stringify(rounds))));
  show("workerd: CPU per request", costRows("workerd", await measureWorkerd(worker("workerd"), rounds)));
  for (const runtime of [...runtimes, "workerd"] as const) {
    const samples = await measureHttp(runtime, worker(`serve-${runtime}`), servedRounds, servedVariants);
    show(`over HTTP, ${lineups[runtime].server}: CPU of the server per request`, servedRows(runtime, samples));
  }
  show("node: cold start", coldStartRows(await measureColdStart("node", worker("cold-start"), folder, coldStarts)));
} finally {
  rmSync(folder, { recursive: true });
}
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ machine, rounds, servedRounds, tables }, null, 2)}\n`);
