import type { Fetch, PooledRequest } from "../contenders/settings.ts";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .toSorted((first, second) => first.order - second.order)
    .map(({ value }) => value);
}

/** Sends `count` requests. What is synchronous is not awaited, as servers do it. */
export async function send(fetch: Fetch, pool: readonly PooledRequest[], count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const answer = fetch(pool[index % pool.length] as PooledRequest);
    if (answer instanceof Promise) await answer;
  }
}

/** Figures per request of each contender, one for each round: element `i` of two contenders is the same round. */
export type Samples = Readonly<Record<string, readonly number[]>>;

export interface Rounds {
  readonly rounds: number;
  /** How long a contender runs in one round, in ms of CPU. */
  readonly batchMs: number;
  /** How many requests of each contender come first, for compilers to get done. */
  readonly warmUpRequests: number;
}

/** Every round visits every contender, in a fresh random order, for about the same time. */
export async function interleave<Contender extends { readonly name: string }>(
  contenders: readonly Contender[],
  { rounds, batchMs, warmUpRequests }: Rounds,
  costOf: (contender: Contender, count: number) => Promise<number>,
): Promise<Samples> {
  const counts = new Map<Contender, number>();
  for (const contender of contenders) {
    await costOf(contender, warmUpRequests);
    const micros = await costOf(contender, 1000);
    counts.set(contender, Math.max(200, Math.round((batchMs * 1000) / (micros / 1000))));
  }
  const samples: Record<string, number[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of shuffled(contenders)) {
      const count = counts.get(contender) ?? 1000;
      samples[contender.name]?.push((await costOf(contender, count)) / count);
    }
  }
  return samples;
}

/** The median of the per-round ratios of two contenders. */
export function ratio(samples: Samples, name: string, base: string): number {
  const divisors = samples[base] ?? [];
  return median((samples[name] ?? []).map((value, round) => value / (divisors[round] ?? Number.NaN)));
}
