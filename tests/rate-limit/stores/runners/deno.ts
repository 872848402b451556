import { memoryStore } from "../../../../src/index.ts";
import { testStore } from "../../../../src/testing.ts";

interface Global {
  readonly Deno: { readonly test: (name: string, run: () => Promise<void>) => void };
}

const { Deno } = globalThis as unknown as Global; // its types are not those of Node

testStore(() => memoryStore(), { test: Deno.test });
