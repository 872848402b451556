import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the public test data; without it, the tests that read it are skipped. */
export const vectorsDir: string | undefined = process.env.VECTORS_DIR;
export const skipped = "skipped: set VECTORS_DIR to the folder of the public test data";

export interface VectorPolicy {
  readonly origins?: readonly string[];
  readonly credentials?: boolean;
  readonly methods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[] | null;
  readonly maxAge?: number | null;
}

/** What a case expects of a field: absent, equal, having members, being a list, or anything but. */
export type FieldExpectation =
  | null
  | string
  | { readonly includes: readonly string[] }
  | { readonly list: readonly string[] }
  | { readonly not: string };

export interface CorsCase {
  readonly id: string;
  readonly policy: VectorPolicy;
  readonly request: { readonly method: string; readonly headers: Readonly<Record<string, string>> };
  readonly downstream: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly expect: {
    readonly headers: Readonly<Record<string, FieldExpectation>>;
    readonly handlerCalled?: boolean;
    readonly verdict?: string;
  };
}

export interface OriginSets {
  readonly sets: readonly {
    readonly desc: string;
    readonly patterns: readonly string[];
    readonly accepts: readonly string[];
    readonly rejects: readonly string[];
  }[];
  readonly patternValidity: readonly { readonly desc: string; readonly pattern: string; readonly valid: boolean }[];
  readonly requestHeaderLists: readonly {
    readonly desc: string;
    readonly allowed: readonly string[];
    readonly accepted: readonly (readonly string[])[];
    readonly rejected: readonly (readonly string[])[];
  }[];
  readonly invalidConfigs: readonly {
    readonly desc: string;
    readonly config: VectorPolicy;
    readonly errors: readonly unknown[];
  }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(vectorsDir ?? "", name), "utf8"));
}

/** Empty without the folder. The shape is that of the data's own description. */
export function readCorsCases(): readonly CorsCase[] {
  return vectorsDir === undefined ? [] : (read("cors-cases.json") as { readonly cases: readonly CorsCase[] }).cases;
}

/** Empty without the folder. */
export function readOriginSets(): OriginSets {
  if (vectorsDir === undefined) return { sets: [], patternValidity: [], requestHeaderLists: [], invalidConfigs: [] };
  return read("cors-origin-sets.json") as OriginSets; // the shape is that of the data's own description
}

/** A policy of the data in our words. */
export function corsOf({ origins, maxAge, exposeHeaders, ...same }: VectorPolicy): object {
  return {
    ...same,
    ...(origins !== undefined && { origins: origins.includes("*") ? "*" : origins }),
    ...(exposeHeaders != null && { exposeHeaders }),
    ...(maxAge != null && { maxAgeSeconds: maxAge }),
  };
}
