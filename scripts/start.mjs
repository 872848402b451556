// The set-up and start of the example, on a machine that has only Node and git: plain JavaScript without dependencies.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

function npm(...args) {
  const { status } = spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync("node_modules/.package-lock.json")) npm("ci", "--no-audit", "--no-fund");
npm("run", "--silent", "build", "--", "--silent");

const node = `node_modules/node/bin/node${process.platform === "win32" ? ".exe" : ""}`;
const example = spawn(node, ["examples/node/main.ts", ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => example.kill(signal));
example.on("exit", (code) => process.exit(code ?? 0));
