import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { limitScript } from "../../../src/rate-limit/script/script.ts";

describe("the script", () => {
  it("has the SHA-1 that its constant says", () => {
    expect(createHash("sha1").update(limitScript.source).digest("hex")).toBe(limitScript.sha1);
  });

  it("needs no flags, which stock Redis before 7 does not know", () => {
    expect(limitScript.source).not.toContain("#!");
  });

  it("never writes a number with tostring, which cuts it to 14 digits", () => {
    expect(limitScript.source).not.toContain("tostring");
  });
});
