/** One mistake in a configuration. */
export interface ConfigIssue {
  /** Where it is, for example `cors.origins[0]`. */
  readonly path: string;
  /** What is wrong with which value, and how to mend it. */
  readonly message: string;
}

/**
 * Thrown by `policy()`, `api.with()`, authenticators and stores, and where requirements are compiled: the configuration has
 * mistakes, and it names all of them at once.
 */
export class ConfigError extends TypeError {
  override readonly name: string = "ConfigError";
  /** Every mistake, in the order of the configuration. */
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    const count = issues.length === 1 ? "1 mistake" : `${issues.length} mistakes`;
    super(`${count} in the configuration\n${issues.map(({ path, message }) => `  ${path}: ${message}`).join("\n")}`);
    this.issues = issues;
  }
}
