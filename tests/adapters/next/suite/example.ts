import { describe, expect, test } from "vitest";
import type { Served } from "../support.ts";
import { expectPolicy, expectProblem, origin } from "./expectations.ts";

/** The example of the repository, as its readers would use it. */
export function example(send: Served["send"]): void {
  const path = "/api/notes/1";
  const as = (token: string): Record<string, string> => ({ origin, authorization: `Bearer ${token}` });
  const json = { "content-type": "application/json" };

  describe("the example", () => {
    test("reads, writes and deletes a note", async () => {
      const written = await send(path, {
        method: "PUT",
        headers: { ...as("writer"), ...json },
        body: '{"text":"new"}',
      });
      expectPolicy(written, 200);
      expect(written.headers.get("location")).toBe(path);
      const read = await send(path, { headers: as("reader") });
      expectPolicy(read, 200);
      expect(await read.json()).toEqual({ text: "new", readBy: "u1" });
      expectPolicy(
        await send("/api/notes/2", { method: "PUT", headers: { ...as("writer"), ...json }, body: '{"text":"2"}' }),
        200,
      );
      expectPolicy(await send("/api/notes/2", { method: "DELETE", headers: as("writer") }), 204);
      await expectProblem(await send("/api/notes/2", { method: "DELETE", headers: as("writer") }), 404, "no_such_note");
      await expectProblem(await send("/api/notes/2", { headers: as("reader") }), 404, "not_found");
    });

    test("refuses who shows no token, a bad one, or one without the scope", async () => {
      await expectProblem(await send(path, { headers: { origin } }), 401, "credentials_required");
      await expectProblem(await send(path, { headers: as("mallory") }), 401, "invalid_token");
      await expectProblem(await send(path, { method: "DELETE", headers: as("reader") }), 403, "insufficient_scope");
    });

    test("refuses a body that is no note, or too long", async () => {
      const put = (body: string): Promise<Response> =>
        send(path, { method: "PUT", headers: { ...as("writer"), ...json }, body });
      await expectProblem(await put('{"text":1}'), 422, "invalid_body");
      await expectProblem(await put(JSON.stringify({ text: "x".repeat(16_384) })), 413, "content_too_large");
    });

    test("counts clients by the address that the proxy added", async () => {
      const remaining = async (chain: string): Promise<string | undefined> => {
        const headers = { ...as("mallory"), "x-forwarded-for": chain };
        const field = (await send(path, { headers })).headers.get("ratelimit");
        return /"address";r=(\d+)/.exec(field ?? "")?.[1];
      };
      expect(await remaining("198.51.100.1")).toBe("299");
      expect(await remaining("203.0.113.9, 198.51.100.1")).toBe("298");
      expect(await remaining("198.51.100.2")).toBe("299");
    });
  });
}
