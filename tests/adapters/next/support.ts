import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bin, installPackage, linkPackage, root } from "../../package/support.ts";

/** What an app needs besides mantlet itself, which comes from the packed tarball. */
const packages = ["next", "react", "react-dom", "zod", "typescript", "@types/node", "@types/react"];

/** Packs and installs mantlet with what Next.js apps need; gives the folder for apps. */
export async function installForApps(folder: string): Promise<string> {
  const consumer = await installPackage(folder);
  for (const name of packages) linkPackage(name, consumer);
  return consumer;
}

/** The example with the routes of a folder of this one beside its own, ready for Next.js, in a folder `as` it is called. */
export function makeApp(
  consumer: string,
  name: "app" | "cached" | "refused",
  settings: string,
  as: string = name,
): string {
  const app = join(consumer, as);
  const example = join(root, "examples", "next");
  mkdirSync(app);
  cpSync(join(root, "tests", "adapters", "next", name), app, { recursive: true });
  cpSync(example, app, { recursive: true });
  renameSync(join(app, "next.config.ts"), join(app, "example.config.ts"));
  // The packages are links to those of the repository, which Turbopack sees when it looks from the root.
  const config = `import example from "./example.config.ts";
export default { ...example, turbopack: { root: ${JSON.stringify("/")} }, ${settings} };
`;
  writeFileSync(join(app, "next.config.ts"), config);
  return app;
}

/** A process of an app: what it has written, and how to end it and all that it started. */
interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Asks it to end, as an operator would, and waits until it has. */
  readonly end: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

function next(app: string, args: readonly string[]): Running {
  return start(app, [join(root, "node_modules/next/dist/bin/next"), ...args]);
}

function start(app: string, args: readonly string[]): Running {
  const child = spawn(bin("node"), args, {
    cwd: app,
    detached: true,
    env: { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = (): void => {
    // The group, since Next.js starts workers.
    if (child.pid !== undefined && isAlive()) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return {
    child,
    output: () => output,
    end: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
    stop: async () => {
      if (!isAlive()) return;
      const ended = once(child, "exit");
      kill();
      await ended;
    },
  };
}

/** How a program ended, and what it wrote. */
interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Builds an app. */
export function build(app: string): Promise<Ended> {
  return endOf(next(app, ["build"]));
}

/** Checks an app's types as its build does: with what Next.js generates of its routes. */
export async function checkTypes(app: string): Promise<Ended> {
  const generated = await endOf(next(app, ["typegen"]));
  if (generated.exitCode !== 0) return generated;
  return endOf(start(app, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit"]));
}

async function endOf({ child, output }: Running): Promise<Ended> {
  await once(child, "close");
  return { exitCode: child.exitCode, output: output() };
}

/** An app that serves: where it is, and what it logs. */
export interface Served extends Pick<Running, "output" | "end" | "stop"> {
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Serves an app: a built one, or with `dev` one from its sources. */
export async function serve(command: "start" | "dev", app: string): Promise<Served> {
  const { child, output, end, stop } = next(app, [command, "--hostname", "127.0.0.1", "--port", "0"]);
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const found = /Local:\s+(http:\S+)[\s\S]*Ready in/.exec(output())?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on("data", look);
    child.once("exit", () => reject(new Error(`next ${command} ended:\n${output()}`)));
  });
  return { send: (path, init) => fetch(new URL(path, url), { redirect: "manual", ...init }), output, end, stop };
}
