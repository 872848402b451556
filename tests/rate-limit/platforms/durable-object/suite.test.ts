import { describe, expect, it, test } from "vitest";
import { lawNames } from "../laws.ts";
import { runObjects } from "./objects.ts";

const { worker } = runObjects();

describe("by the suite for all stores", () => {
  describe("by the clock of the object", () => {
    it.concurrent.each(lawNames({ clock: "server" }))("%s", async (law) => {
      expect(await worker().ask("/law", { law, clock: "server" })).toBe("holds");
    });
  });
  describe("by a clock that is moved", () => {
    test.each(lawNames())("%s", async (law) => {
      expect(await worker().ask("/law", { law, clock: "caller" })).toBe("holds");
    });
  });
});
