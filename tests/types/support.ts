// These files are compiled, never run: that they type-check under both compilers is the test.
import type { Authenticator, Identity } from "../../src/index.ts";

/** Exactly the same type: not merely assignable both ways. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `holds<Equal<…>>()` is an error where the types differ. */
export declare function holds<_Claim extends true>(): void;

/** Reads a value whose type is the point of a test. */
export declare function read(...values: readonly unknown[]): void;

export declare const ok: () => Response;

export interface Session extends Identity<"session"> {
  readonly role: "user" | "admin";
}
export interface Key extends Identity<"key", "notes:read" | "notes:write"> {
  readonly plan: "free" | "pro";
}
export declare const session: Authenticator<Session>;
export declare const key: Authenticator<Key>;
