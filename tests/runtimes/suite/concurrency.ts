import { expect, test } from "vitest";
import type { Subject } from "../conformance.ts";
import { foreign } from "../origins.ts";
import { expectPolicy } from "./expectations.ts";

const paths = ["/json", "/kept/no-content", "/kept/redirect", "/refuses", "/throws-error"];

/** Many requests at once. */
export function concurrency({ send }: Subject): void {
  test("keeps 200 concurrent requests of different origins apart", async () => {
    const ids = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const isForeign = index % 3 === 0;
        const origin = isForeign ? `${foreign}:${8000 + index}` : `https://t${index}.tenants.example.com`;
        const response = await send(paths[index % paths.length] ?? "/json", { headers: { Origin: origin } });
        expectPolicy(response, isForeign ? undefined : origin);
        await response.body?.cancel();
        return response.headers.get("x-request-id");
      }),
    );
    expect(new Set(ids).size).toBe(200);
  });
}
