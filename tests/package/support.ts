import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
export const bin = (name: string): string => join(root, "node_modules", ".bin", name);

/** What becomes part of a published package, or is read while it is made. */
const sources = ["src", "adapters", "package.json", "tsup.config.ts", "tsconfig.json", "jsr.json"];
const documents = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];

/** A new folder, and how to get rid of it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "mantlet-package-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A copy of the repository as it would be published, so that builds of several test files do not share `dist`. */
export function copyRepository(folder: string): string {
  const copy = join(folder, "repository");
  mkdirSync(copy);
  for (const name of [...sources, ...documents]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  return copy;
}

/** Builds and packs a copy, unpacks it into a project that has its dependencies, and gives that project's folder. */
export async function installPackage(folder: string): Promise<string> {
  const copy = copyRepository(folder);
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  await run("npm", ["run", "build"], copy);
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], copy);
  const [tarball] = globSync("*.tgz", { cwd: folder });
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  const consumer = join(folder, "consumer");
  const installed = join(consumer, "node_modules", "mantlet");
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components=1"], folder);
  for (const name of Object.keys(readManifest(installed).dependencies ?? {})) linkPackage(name, consumer);
  return consumer;
}

/** Gives a project a package that this repository has. */
export function linkPackage(name: string, project: string): void {
  const link = join(project, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  if (!existsSync(link)) symlinkSync(join(root, "node_modules", name), link);
}

export interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly type: string;
  readonly sideEffects: boolean;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest; // npm requires its shape
}

/** Runs a program to its end and gives what it wrote. Rejects with that when it failed. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  // The programs that npm links are scripts for the Node that is running here.
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`;
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...process.env, PATH, NO_COLOR: "1", ...env }, timeout: 60_000 };
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`${file} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error }));
    });
  });
}
