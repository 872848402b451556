import { describe } from "vitest";
import { chromiumPath, installCommand } from "./chromium.ts";
import { embeddingTests } from "./embedding.ts";
import { preflightTests } from "./preflights.ts";
import { readingTests } from "./reading.ts";
import { refusalTests } from "./refusals.ts";
import { sendingTests } from "./sending.ts";

const isMissing = chromiumPath === undefined;
const title = isMissing ? `Chromium is missing, install it: ${installCommand}` : "in Chromium";
// In CI the tests run without Chromium too, and fail.
const isSkipped = isMissing && !process.env.CI;
if (isSkipped) console.warn(`Skipped: ${title}`);

describe.skipIf(isSkipped)(title, () => {
  readingTests();
  preflightTests();
  refusalTests();
  sendingTests();
  embeddingTests();
});
