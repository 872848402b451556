import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

/** What puts a Chromium where this suite finds it. */
export const installCommand = "sudo apt-get install -y chromium";

/** The Chromium on the PATH. */
export const chromiumPath: string | undefined = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A running Chromium, and how to end it without a trace. */
export interface RunningChromium {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/**
 * Starts a Chromium for which every https host is the server at `port`, and no other host exists. It has an ordinary
 * profile of its own: an incognito one, as `chromium.launch()` has it, sends no cookie from one site to another.
 */
export async function launchChromium(port: number): Promise<RunningChromium> {
  if (chromiumPath === undefined)
    throw new Error(`Chromium is missing, and CI must not pass without it: ${installCommand}`);
  const profile = mkdtempSync(join(tmpdir(), "mantlet-chromium-"));
  const remove = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    allowThirdPartyCookies(profile);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      args: [
        `--host-resolver-rules=MAP *:443 127.0.0.1:${port}, MAP * ~NOTFOUND`,
        "--ignore-certificate-errors",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    return { context, close: () => context.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Some distributions block them from the start, and an attack with the user's cookie would prove nothing. */
function allowThirdPartyCookies(profile: string): void {
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default", "Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
}
