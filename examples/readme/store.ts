import { policy } from "mantlet";
import { fromTransaction, type LimitState } from "mantlet/stores";

const states = new Map<string, LimitState>();

/** A store over anything that can run a function atomically: here a Map that never forgets. */
const store = fromTransaction({
  name: "map",
  transact: (run) =>
    run({
      get: (key) => states.get(key),
      set: (key, state) => void states.set(key, state),
      delete: (key) => void states.delete(key),
    }),
});

export const api = policy({ rateLimit: { limit: 300, windowSeconds: 60 }, store });
