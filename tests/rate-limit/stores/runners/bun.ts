import { memoryStore } from "../../../../src/index.ts";
import { testStore } from "../../../../src/testing.ts";

const bunTest = "bun:test"; // only Bun knows it, types included
const { test }: { readonly test: (name: string, run: () => Promise<void>) => void } = await import(bunTest);

testStore(() => memoryStore(), { test });
