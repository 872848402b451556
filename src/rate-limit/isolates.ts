import type { Exchange } from "../exchange.ts";
import { isWorkers } from "../lib/workers.ts";

/** Globals that only some platforms have. */
interface Globals {
  readonly Netlify?: unknown;
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: {
    readonly env: { readonly get: (name: string) => string | undefined };
    readonly permissions: {
      readonly querySync: (permission: { name: "env"; variable: string }) => { readonly state: string };
    };
  };
}

/** The variable by which a program knows each platform, as documented there. On Vercel that of Lambda may be there, too. */
const variables: readonly (readonly [name: string, platform: string])[] = [
  ["VERCEL", "Vercel"],
  ["AWS_LAMBDA_FUNCTION_NAME", "AWS Lambda"],
  ["DENO_DEPLOYMENT_ID", "Deno Deploy"],
  ["K_SERVICE", "Google Cloud Run"],
  ["FUNCTIONS_WORKER_RUNTIME", "Azure Functions"],
];

/**
 * Tells once, with the first request, that its count is kept in the memory of one isolate: on a platform that is known to
 * run many. Looks for the platform only then, since the environment of some is not there before.
 *
 * @param advice - What to do about it.
 */
export function warnOfIsolates(advice: string): (exchange: Exchange) => void {
  let hasLooked = false;
  return (exchange) => {
    if (hasLooked) return;
    hasLooked = true;
    const platform = findPlatform();
    if (platform === undefined) return;
    exchange.warn(
      "counted_per_isolate",
      `limits are counted in the memory of one instance, and ${platform} runs many, which together let through more: ${advice}`,
    );
  };
}

/** The platform, where it is one that runs many isolates. Platforms may refuse to be asked. */
function findPlatform(): string | undefined {
  const globals: Globals = globalThis;
  try {
    if (isWorkers()) return "Cloudflare Workers";
    if (globals.Netlify !== undefined) return "Netlify";
    return variables.find(([name]) => readVariable(globals, name))?.[1];
  } catch {
    return undefined;
  }
}

/** A variable of the environment. Deno would ask its user for a permission that it has not got: then nothing is read. */
function readVariable({ Deno, process }: Globals, name: string): string | undefined {
  if (Deno === undefined) return process?.env?.[name];
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
