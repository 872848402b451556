import { h3 } from "./h3.ts";
import { hono } from "./hono.ts";
import { mantlet } from "./mantlet.ts";
import { minimal } from "./minimal.ts";
import { raw } from "./raw.ts";
import type { Fetch, Variant } from "./settings.ts";

export interface Contender {
  readonly name: string;
  readonly variant: Variant | undefined;
  /** Called while a request is handled: workerd forbids the timers of rivals before that. */
  readonly make: () => Fetch;
}

const stacks: readonly (readonly [name: string, make: (variant: Variant) => Fetch])[] = [
  ["minimal", minimal],
  ["mantlet", mantlet],
  ["hono", hono],
  ["h3", h3],
];

export const variants: readonly Variant[] = ["default", "twelve"];

/** The name of a stack in one variant. */
export function nameOf(stack: string, variant: Variant): string {
  return `${stack} (${variant})`;
}

export const contenders: readonly Contender[] = [
  { name: "raw", variant: undefined, make: raw },
  ...variants.flatMap((variant) =>
    stacks.map(([stack, make]) => ({ name: nameOf(stack, variant), variant, make: () => make(variant) })),
  ),
];
