import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const benchFolder = fileURLToPath(new URL("..", import.meta.url));

const shared: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  mainFields: ["module", "main"],
  external: ["node:*"],
  absWorkingDir: benchFolder,
};

/** Bundles the workers, so that all contenders reach a runtime in the same form. Gives the file of each. */
export async function bundleWorkers(names: readonly string[], folder: string): Promise<(name: string) => string> {
  await build({
    ...shared,
    entryPoints: Object.fromEntries(names.map((name) => [name, `workers/${name}.ts`])),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
  });
  return (name) => join(folder, `${name}.mjs`);
}

/** Bundles a module given as text, minified; imports in it are relative to the bench folder. */
export async function bundleText(contents: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    ...shared,
    minify: true,
    write: false,
    stdin: { contents, resolveDir: benchFolder, loader: "ts" },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild gave no file");
  return file.contents;
}
