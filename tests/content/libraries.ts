import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";

/** The same three schemas in each library: with defaults, transforms and coercion. */
export const libraries = [
  {
    library: "zod",
    note: z.object({ title: z.string().trim().min(1), tags: z.array(z.string()).default([]) }),
    paging: z.object({ page: z.coerce.number().int().default(1) }),
    id: z.object({ id: z.string().regex(/^\d+$/).transform(Number) }),
  },
  {
    library: "valibot",
    note: v.object({
      title: v.pipe(v.string(), v.trim(), v.minLength(1)),
      tags: v.optional(v.array(v.string()), []),
    }),
    paging: v.object({ page: v.optional(v.pipe(v.string(), v.transform(Number), v.integer()), "1") }),
    id: v.object({ id: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number)) }),
  },
  {
    library: "arktype",
    note: type({ title: type("string.trim").to("string > 0"), tags: type("string[]").default(() => []) }),
    paging: type({ page: type("string.integer.parse").default("1") }),
    id: type({ id: "string.integer.parse" }),
  },
] as const;
