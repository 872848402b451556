import type { SettingSchema } from "../../src/zod.ts";

/** What a schema says of a text; empty when it accepts it. */
export function mistakesOf<Output>(schema: SettingSchema<Output>, text: unknown): readonly string[] {
  return schema.safeParse(text).error?.issues.map(({ message }) => message) ?? [];
}
