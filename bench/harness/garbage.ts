interface Collector {
  /** Node and Deno with `--expose-gc`. */
  readonly gc?: () => void;
  readonly Bun?: { readonly gc: (synchronously: boolean) => void };
}

/** Collects all garbage now. The runtime must have been started for it. */
export function collectGarbage(): void {
  const { gc, Bun }: Collector = globalThis as Collector; // not in the standard's types
  if (gc !== undefined) gc();
  else if (Bun !== undefined) Bun.gc(true);
  else throw new Error("start the runtime with --expose-gc");
}
