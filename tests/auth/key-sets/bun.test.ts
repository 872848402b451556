import { describe } from "vitest";
import { keySetsOn } from "./on-runtime.ts";

describe("key sets on Bun", () => keySetsOn("Bun"));
