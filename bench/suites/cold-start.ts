import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleText } from "../harness/bundle.ts";
import { median, shuffled } from "../harness/measure.ts";
import { type RuntimeName, runWorker } from "../harness/runtimes.ts";

const stacks = ["raw", "minimal", "mantlet", "hono", "h3"] as const;

/** CPU ms of importing each stack as one minified file and of its first request: medians of fresh processes. */
export async function measureColdStart(
  runtime: RuntimeName,
  worker: string,
  folder: string,
  rounds: number,
): Promise<Readonly<Record<string, number>>> {
  const samples = new Map<string, number[]>();
  for (const stack of stacks) {
    const text = `import { ${stack} } from "./contenders/${stack}.ts"; export const fetch = ${stack}("twelve");`;
    writeFileSync(fileOf(folder, stack), await bundleText(text));
    samples.set(stack, []);
  }
  for (let round = 0; round < rounds; round++) {
    for (const stack of shuffled(stacks)) {
      const url = pathToFileURL(fileOf(folder, stack)).href;
      samples.get(stack)?.push(await runWorker<number>(runtime, worker, url));
    }
  }
  return Object.fromEntries([...samples].map(([stack, values]) => [stack, median(values)]));
}

function fileOf(folder: string, stack: string): string {
  return join(folder, `cold-${stack}.mjs`);
}
