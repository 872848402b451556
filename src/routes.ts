import { type Refusal, refuse } from "./problem.ts";

/** Entries by path: exact, and by prefix with the longest first. */
interface RouteTable<Entry> {
  readonly exact: ReadonlyMap<string, Entry>;
  readonly prefixes: readonly { readonly prefix: string; readonly entry: Entry }[];
}

/** What holds for the paths that are refused. */
interface RefusedPaths<Entry> {
  readonly malformed: Entry;
  readonly ambiguous: Entry;
}

/** Why a path cannot be the key of a route; `undefined` when it can. */
export function mistakeInRoutePath(path: string): string | undefined {
  const bare = path.endsWith("/*") ? path.slice(0, -2) : path;
  if (!path.startsWith("/")) return "a path starts with a slash";
  if (/\/[:{[]/.test(path)) return "a path is literal, and no pattern of a router: write a prefix, such as /users/*";
  if (/[%*?#\\]/.test(bare))
    return 'write the path decoded, without "%", "?", "#" and backslashes; "*" stands only at the end, as "/*"';
  if (bare !== "/" && canonicalPath(bare || "/") !== (bare || "/"))
    return "write the path without empty and dot segments and without a slash at the end";
  if (decodeURIComponent(encoded(bare)) !== bare)
    return "write the path without tabs and line breaks, and without white space at its ends";
  return undefined;
}

/**
 * Compiles entries whose paths have no mistakes into what finds the entry for a path: `undefined` where there is none.
 *
 * @param refusing - Makes the entry for a path that is malformed or ambiguous.
 */
export function compileRoutes<Entry>(
  entries: readonly (readonly [path: string, entry: Entry])[],
  refusing: (refusal: Refusal) => Entry,
): (path: string) => Entry | undefined {
  const table = tableOf(entries);
  const refused = { malformed: refusing(malformed), ambiguous: refusing(ambiguous) };
  return (path) => selectRoute(table, refused, path);
}

/** A path is found percent-encoded and decoded. */
function tableOf<Entry>(entries: readonly (readonly [path: string, entry: Entry])[]): RouteTable<Entry> {
  const exact = new Map<string, Entry>();
  const prefixes: { prefix: string; entry: Entry }[] = [];
  for (const [path, entry] of entries) {
    const isPrefix = path.endsWith("/*");
    for (const spelling of new Set([
      isPrefix ? path.slice(0, -2) : path,
      encoded(isPrefix ? path.slice(0, -2) : path),
    ])) {
      if (isPrefix) prefixes.push({ prefix: spelling, entry });
      else exact.set(spelling, entry);
    }
  }
  prefixes.sort((first, second) => second.prefix.length - first.prefix.length);
  return { exact, prefixes };
}

function encoded(path: string): string {
  return path === "" ? "" : new URL(path, "http://localhost").pathname;
}

const ambiguous = /* @__PURE__ */ refuse(
  400,
  "ambiguous_path",
  "This spelling of the path selects other rules than its plain form.",
);
const malformed = /* @__PURE__ */ refuse(400, "malformed_path", "The path is not valid percent-encoded UTF-8.");

/**
 * When the path as it came and its plain form select different entries the answer is 400, so that a router that reads
 * paths otherwise is never reached under a weaker rule.
 */
function selectRoute<Entry>(
  table: RouteTable<Entry>,
  { malformed, ambiguous }: RefusedPaths<Entry>,
  path: string,
): Entry | undefined {
  const plain = canonicalPath(path);
  if (plain === undefined) return malformed;
  const entry = lookUp(table, path);
  return plain === path || lookUp(table, plain) === entry ? entry : ambiguous;
}

function lookUp<Entry>({ exact, prefixes }: RouteTable<Entry>, path: string): Entry | undefined {
  const found = exact.get(path);
  if (found !== undefined) return found;
  for (const { prefix, entry } of prefixes) {
    if (path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === "/")) return entry;
  }
  return undefined;
}

/** Decoded once, slashes collapsed, dot segments resolved, no slash at the end; `undefined` when it cannot be decoded. */
function canonicalPath(path: string): string | undefined {
  if (!/%|\/\/|\/\.|\/$/.test(path)) return path;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const segments: string[] = [];
  for (const segment of decoded.split(/[\\/]/)) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}
