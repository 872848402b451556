import { expect, test } from "vitest";
import { BoundedMap } from "../../src/rate-limit/bounded-map.ts";

test("there is room for every new entry where those before it have ended, wherever the hand is", () => {
  for (let maxEntries = 1; maxEntries <= 60; maxEntries++) {
    const map = new BoundedMap<number>(maxEntries, (endMs) => endMs);
    for (let nowMs = 1; nowMs <= 20; nowMs++) {
      for (let index = 0; index < maxEntries; index++) {
        const hasRoom = map.keep(`${nowMs}-${index}`, nowMs + 1, nowMs);
        expect({ maxEntries, nowMs, index, hasRoom }).toEqual({ maxEntries, nowMs, index, hasRoom: true });
      }
    }
  }
});

test("an entry that has not ended is never forgotten for a new one", () => {
  const map = new BoundedMap<number>(10, (endMs) => endMs);
  for (let index = 0; index < 10; index++) expect(map.keep(`live-${index}`, 1000, 1)).toBe(true);
  for (let index = 0; index < 50; index++) expect(map.keep(`new-${index}`, 1000, 2)).toBe(false);
  expect([...map.keys()]).toEqual(Array.from({ length: 10 }, (_, index) => `live-${index}`));
});
