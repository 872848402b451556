import { type Issues, Options, show } from "../lib/options.ts";

/** A source expression. Keywords keep their single quotes: `"'self'"`. */
export type ContentSecurityPolicySource =
  | "'none'"
  | "'self'"
  | "'unsafe-inline'"
  | "'unsafe-eval'"
  | "'wasm-unsafe-eval'"
  | "'unsafe-hashes'"
  | "'strict-dynamic'"
  | "'report-sample'"
  | (string & {});

type SourceDirective =
  | "defaultSrc"
  | "baseUri"
  | "childSrc"
  | "connectSrc"
  | "fencedFrameSrc"
  | "fontSrc"
  | "formAction"
  | "frameAncestors"
  | "frameSrc"
  | "imgSrc"
  | "manifestSrc"
  | "mediaSrc"
  | "objectSrc"
  | "scriptSrc"
  | "scriptSrcAttr"
  | "scriptSrcElem"
  | "styleSrc"
  | "styleSrcAttr"
  | "styleSrcElem"
  | "workerSrc";

/**
 * The directives of a Content-Security-Policy (CSP Level 3), in place of the default
 * `{ defaultSrc: ["'none'"], frameAncestors: ["'none'"] }`. `defaultSrc` is required.
 */
export type ContentSecurityPolicyOptions = {
  readonly [Directive in SourceDirective]?: readonly ContentSecurityPolicySource[];
} & {
  /** Fallback of every fetch directive. Without it everything that is not listed is allowed, hence required. */
  readonly defaultSrc: readonly ContentSecurityPolicySource[];
  /** Flags, for example `["allow-forms"]`; an empty list is the strictest sandbox. */
  readonly sandbox?: readonly string[];
  /** An endpoint that `headers.reportingEndpoints` names. */
  readonly reportTo?: string;
  /** URLs for browsers that do not know `reportTo`. */
  readonly reportUri?: readonly string[];
  /** Always `["'script'"]`. */
  readonly requireTrustedTypesFor?: readonly "'script'"[];
  /** Names of policies that scripts may create. */
  readonly trustedTypes?: readonly string[];
  /** Loads `http:` subresources over https. */
  readonly upgradeInsecureRequests?: true;
};

const sourceDirectives: readonly string[] = (
  "defaultSrc baseUri childSrc connectSrc fencedFrameSrc fontSrc formAction frameAncestors frameSrc imgSrc manifestSrc " +
  "mediaSrc objectSrc scriptSrc scriptSrcAttr scriptSrcElem styleSrc styleSrcAttr styleSrcElem workerSrc"
).split(" ");

const keyword =
  /^(?:none|self|unsafe-(?:inline|eval|hashes)|wasm-unsafe-eval|strict-dynamic|report-sample|inline-speculation-rules|sha(?:256|384|512)-.+)$/i;

/** The text of the field, after every mistake in it has been noted. */
export function compileContentSecurityPolicy(
  value: unknown,
  endpoints: readonly string[],
  path: string,
  issues: Issues,
): string {
  const options = new Options(value, path, issues);
  const directives: string[] = [];
  const add = (key: string, values: readonly string[]): void => {
    directives.push([kebab(key), ...values].join(" "));
  };
  for (const key of sourceDirectives) {
    const sources = options.strings(key);
    if (sources !== undefined) add(key, checkSources(sources, key, options));
  }
  if (!options.has("defaultSrc"))
    options.refuse("defaultSrc", `is missing, so all that is not listed would be allowed: write ["'none'"]`);
  for (const key of ["sandbox", "reportUri", "requireTrustedTypesFor", "trustedTypes"]) {
    const values = options.strings(key);
    if (values !== undefined) add(key, checkValues(values, key, options));
  }
  const reportTo = options.get("reportTo");
  if (typeof reportTo === "string" && endpoints.includes(reportTo)) add("reportTo", [reportTo]);
  else if (reportTo !== undefined)
    options.refuse("reportTo", `${show(reportTo)} is not an endpoint: name it in headers.reportingEndpoints`);
  if (options.oneOf("upgradeInsecureRequests", [true])) add("upgradeInsecureRequests", []);
  options.done();
  return directives.join("; ");
}

function checkSources(sources: readonly string[], key: string, options: Options): readonly string[] {
  if (sources.length === 0) options.refuse(key, `is empty: write ["'none'"] to allow nothing`);
  if (sources.length > 1 && sources.includes("'none'"))
    options.refuse(key, "has 'none' beside other sources: remove it, or the others");
  for (const source of sources) {
    if (keyword.test(source))
      options.refuse(key, `${show(source)} is a host name unless it is quoted: write ${show(`'${source}'`)}`);
    if (/^'?nonce-/i.test(source)) {
      options.refuse(key, "holds a nonce, which must be new for each response: let the handler set this field");
    }
    checkCharacters(source, key, options);
  }
  return sources;
}

/** Keywords of the directives that take no sources. */
const otherKeyword = /^(?:script|allow-duplicates|none)$/i;

function checkValues(values: readonly string[], key: string, options: Options): readonly string[] {
  const hasKeywords = key === "requireTrustedTypesFor" || key === "trustedTypes";
  for (const value of values) {
    if (!checkCharacters(value, key, options)) continue;
    if (hasKeywords && otherKeyword.test(value)) {
      options.refuse(key, `${show(value)} must be quoted: write ${show(`'${value}'`)}`);
    } else if (key === "requireTrustedTypesFor" && value !== "'script'") {
      options.refuse(key, `${show(value)} is unknown: write ["'script'"]`);
    }
  }
  return values;
}

function checkCharacters(source: string, key: string, options: Options): boolean {
  const isClean = /^[!-+\--:<-~]+$/.test(source);
  if (!isClean) {
    options.refuse(
      key,
      `${show(source)} is not one value: no white space, ";", "," or characters beyond ASCII; write each value as an entry of its own`,
    );
  }
  return isClean;
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
