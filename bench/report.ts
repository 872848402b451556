import { nameOf, variants } from "./contenders/index.ts";
import { algorithms } from "./contenders/tokens.ts";
import * as goals from "./goals.ts";
import { median, ratio, type Samples } from "./harness/measure.ts";
import type { Row } from "./harness/table.ts";
import type { SizedEntry } from "./suites/sizes.ts";

/** CPU per request of each stack, and the goals that compare them. */
export function costRows(runtime: goals.MeasuredRuntime, samples: Samples): readonly Row[] {
  const comparisons = variants.flatMap((variant) => {
    const mantlet = nameOf("mantlet", variant);
    return [
      {
        name: `mantlet over minimal (${variant})`,
        figure: ratio(samples, mantlet, nameOf("minimal", variant)),
        goal: goals.overMinimal,
      },
      { name: `mantlet over raw (${variant})`, figure: ratio(samples, mantlet, "raw"), goal: goals.overRaw[runtime] },
      {
        name: `hono over mantlet (${variant})`,
        figure: ratio(samples, nameOf("hono", variant), mantlet),
        goal: goals.cheaperThanHono[runtime],
      },
      { name: `h3 over mantlet (${variant})`, figure: ratio(samples, nameOf("h3", variant), mantlet) },
    ];
  });
  return [...figureRows(samples), ...comparisons.map((row) => ({ ...row, unit: "x" }))];
}

function figureRows(samples: Samples): readonly Row[] {
  return Object.entries(samples).map(([name, values]) => ({
    name: `${name}, ${ratio(samples, name, "raw").toFixed(2)}x raw`,
    figure: median(values),
    unit: " µs",
  }));
}

/** CPU of a server per request with each stack, and the goals that compare them. */
export function servedRows(runtime: goals.MeasuredRuntime, samples: Samples): readonly Row[] {
  const goal = goals.overRawServed[runtime];
  const over = (name: string, base: string, reached?: goals.Goal): Row => ({
    name: `${name} over ${base}`,
    figure: ratio(samples, name, base),
    unit: "x",
    ...(reached !== undefined && { goal: reached }),
  });
  const comparisons = variants.flatMap((variant) => {
    const mantlet = nameOf("mantlet", variant);
    const inHono = nameOf("mantlet in hono", variant);
    const hono = nameOf("hono", variant);
    const plain = [over(mantlet, nameOf("minimal", variant)), over(mantlet, "raw", goal), over(hono, mantlet)];
    const framed = [over(inHono, "raw", goal), over(inHono, "raw in hono"), over(hono, inHono)];
    return [...(mantlet in samples ? plain : []), ...(inHono in samples ? framed : [])];
  });
  return [...figureRows(samples), ...comparisons];
}

/** CPU per request with a body, and what the body adds in mantlet over what it adds to a bare handler. */
export function bodyRows(samples: Samples): readonly Row[] {
  const added = (name: string, base: string): number => median(samples[name] ?? []) - median(samples[base] ?? []);
  const over = (name: string, bare: string, goal?: goals.Goal): Row => ({
    name: `${name} over ${bare} and a schema`,
    figure: added(name, "mantlet") / added(bare, "raw"),
    unit: "x",
    ...(goal !== undefined && { goal }),
  });
  return [
    ...Object.entries(samples).map(([name, values]) => ({ name, figure: median(values), unit: " µs" })),
    over("mantlet, body", "request.json()", goals.overJson),
    over("mantlet, body, no key twice", "request.json()", goals.overJsonKeysOnce),
    over("mantlet, body", "strict decoding"),
  ];
}

/** CPU of verifying a token, against jose with a key that was imported before. */
export function tokenRows(samples: Samples): readonly Row[] {
  const costs = Object.entries(samples).map(([name, values]) => ({
    name,
    figure: median(values),
    unit: " µs",
    ...(name.startsWith("mantlet, cached") && { goal: goals.cachedToken }),
  }));
  const comparisons = algorithms.map((algorithm) => ({
    name: `mantlet over jose (${algorithm})`,
    figure: ratio(samples, `mantlet (${algorithm})`, `jose (${algorithm})`),
    unit: "x",
    goal: goals.overJose,
  }));
  return [...costs, ...comparisons];
}

export function heapRows(bytes: Readonly<Record<string, number>>): readonly Row[] {
  const raw = bytes.raw ?? 0;
  return Object.entries(bytes)
    .filter(([name]) => name !== "raw")
    .map(([name, value]) => ({
      name,
      figure: (value - raw) / 1000,
      unit: " kB",
      ...(name.startsWith("mantlet") && { goal: goals.heap }),
    }));
}

export interface LookupFigures {
  readonly ten: number;
  readonly tenThousand: number;
}

export interface StoreFigures {
  readonly bytesPerKey: number;
  readonly decisionMicros: number;
  readonly newKeysPerSecond: number;
}

export function lookupRows({ ten, tenThousand }: LookupFigures, store: StoreFigures): readonly Row[] {
  return [
    { name: "CORS decision, 10 origins", figure: ten, unit: " µs", goal: goals.corsDecision },
    { name: "CORS decision, 10,000 origins", figure: tenThousand, unit: " µs", goal: goals.corsDecision },
    { name: "store: a decision", figure: store.decisionMicros, unit: " µs", goal: goals.store.decisionMicros },
    { name: "store: new keys", figure: store.newKeysPerSecond, unit: "/s", goal: goals.store.newKeysPerSecond },
    { name: "store: heap of a key", figure: store.bytesPerKey, unit: " B", goal: goals.store.bytesPerKey },
  ];
}

export function coldStartRows(millis: Readonly<Record<string, number>>): readonly Row[] {
  return Object.entries(millis).map(([name, figure]) => ({
    name,
    figure,
    unit: " ms",
    ...(name === "mantlet" && { goal: goals.coldStart }),
  }));
}

export function sizeRows(bytes: Readonly<Record<SizedEntry, number>>): readonly Row[] {
  return Object.entries(bytes).map(([name, value]) => ({
    name,
    figure: value / 1000,
    unit: " kB",
    ...(name in goals.size && { goal: goals.size[name as keyof typeof goals.size] }), // just looked up
  }));
}
