/** What a suite throws when something is not as it must be. */
export class SuiteError extends Error {
  override readonly name: string = "SuiteError";
}

/** Fails the test, and says what was expected, unless the condition holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SuiteError(message);
}

/** Fails the test unless both are the same, by value. */
export function assertEqual(actual: unknown, expected: unknown, message: string): void {
  const [is, shouldBe] = [show(actual), show(expected)];
  assert(is === shouldBe, `${message}\n  expected ${shouldBe}\n  got      ${is}`);
}

/** JSON with its keys in order, and with the numbers that JSON does not know. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{ ${entries.map(([key, member]) => `${key}: ${show(member)}`).join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
