import process from "node:process";

/** CPU time that this process has spent in all its threads, in µs. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
