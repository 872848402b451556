import { test } from "node:test";
import { memoryStore } from "../../../../src/index.ts";
import { testStore } from "../../../../src/testing.ts";

testStore(() => memoryStore(), { test });
