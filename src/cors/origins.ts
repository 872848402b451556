import { isPromise, type MaybePromise } from "../lib/maybe-promise.ts";
import { isOrigin, type OriginParts, type OriginPattern, parseOrigin, splitOrigin } from "./origin-pattern.ts";

/** Says whether an `Origin` value is allowed. */
export type OriginMatcher = (origin: string) => MaybePromise<boolean>;

/** A label of a host and what is allowed at or below it. */
interface Node {
  readonly children: Map<string, Node>;
  /** The ports at which every host below is allowed; `"*"` is any, `""` the scheme's default. */
  ports: Set<string> | undefined;
}

/**
 * Compiles an allow list. Exact origins are one set; wildcards are a trie of labels, walked from the right, so a
 * request costs the same with ten entries and with ten thousand.
 */
export function matchList(patterns: readonly OriginPattern[]): (origin: string) => boolean {
  const exact = new Set<string>();
  const anyPort = new Set<string>();
  const schemes = new Map<string, Node>();
  for (const { scheme, host, port, isWildcard } of patterns) {
    if (isWildcard) insert(schemes, scheme, host, port);
    else if (port === "*") anyPort.add(`${scheme}://${host}`);
    else exact.add(`${scheme}://${host}${port && `:${port}`}`);
  }
  if (anyPort.size === 0 && schemes.size === 0) return (origin) => exact.has(origin);
  return (origin) => {
    if (exact.has(origin)) return true;
    const parts = splitOrigin(origin);
    if (parts === undefined) return false;
    const isListed = anyPort.has(parts.withoutPort) || isBelow(schemes.get(parts.scheme), parts);
    return isListed && isOrigin(parts); // most strangers are in no list: to read them to the end would be in vain
  };
}

function insert(schemes: Map<string, Node>, scheme: string, host: string, port: string): void {
  let node = child(schemes, scheme);
  for (const label of host.split(".").reverse()) node = child(node.children, label);
  node.ports ??= new Set();
  node.ports.add(port);
}

function child(nodes: Map<string, Node>, key: string): Node {
  let node = nodes.get(key);
  if (node === undefined) {
    node = { children: new Map(), ports: undefined };
    nodes.set(key, node);
  }
  return node;
}

/** Whether a wildcard stands for this host: some node on the way has ports, and at least one label is left of it. */
function isBelow(root: Node | undefined, { host, port }: OriginParts): boolean {
  let node = root;
  let end = host.length;
  while (node !== undefined && end > 0) {
    const dot = host.lastIndexOf(".", end - 1);
    node = node.children.get(host.slice(dot + 1, end));
    if (dot > 0 && node?.ports !== undefined && (node.ports.has(port) || node.ports.has("*"))) return true;
    end = dot;
  }
  return false;
}

const maxAnswers = 1000;
const answerLifetimeMs = 60_000;

/** Asks a function of the user's, and remembers its answers: the 1,000 last used, for a minute each. */
export function matchFunction(decide: OriginMatcher): OriginMatcher {
  const answers = new Map<string, { readonly allowed: boolean; readonly untilMs: number }>();
  const remember = (origin: string, allowed: boolean): boolean => {
    if (answers.size >= maxAnswers && !answers.has(origin)) answers.delete(answers.keys().next().value as string); // full, so there is a first
    answers.set(origin, { allowed, untilMs: Date.now() + answerLifetimeMs });
    return allowed;
  };
  return (origin) => {
    if (parseOrigin(origin) === undefined) return false;
    const known = answers.get(origin);
    answers.delete(origin);
    if (known !== undefined && known.untilMs > Date.now()) {
      answers.set(origin, known);
      return known.allowed;
    }
    // Only results are shared between requests: on Workers one request cannot wait for what another began.
    try {
      const answer = decide(origin);
      if (!isPromise(answer)) return remember(origin, answer === true);
      return Promise.resolve(answer)
        .then((value) => remember(origin, value === true))
        .catch(() => false);
    } catch {
      return false;
    }
  };
}
