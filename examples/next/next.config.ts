import type { NextConfig } from "next";

export default {
  // What no route file reaches: unknown paths, and methods that a route does not have.
  poweredByHeader: false,
} satisfies NextConfig;
