// Drives one browser: reads a case a line from standard input, writes its outcome as a line of JSON.
// The first line out tells the browser's version.

import { createInterface } from "node:readline";
import { launch } from "./browsers.mjs";
import * as data from "./cases.mjs";
import * as channels from "./channels.mjs";
import * as media from "./media.mjs";
import * as names from "./names.mjs";
import * as nat from "./nat.mjs";
import * as restarts from "./restart.mjs";
import * as security from "./security.mjs";
import { tools } from "./tools.mjs";
import * as warp from "./warp.mjs";

const setup = JSON.parse(process.argv[2]);
const cases = { ...data, ...channels, ...media, ...names, ...nat, ...restarts, ...security, ...warp };
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const browser = await launch(setup);
tell({ version: browser.version });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let [outcome, crashes] = [await attempt(request), 0];
  // Of what is behind a switch, SNAP ends the page of Chromium 156 now and then, by a trap (SIGTRAP)
  // whose reason is not known.
  while (setup.features.length > 0 && outcome.note.includes("Target crashed") && crashes < 3) {
    outcome = await attempt(request);
    crashes += 1;
  }
  if (crashes > 0) outcome.note += ` (crashes of the page before: ${crashes})`;
  tell(outcome);
}
await browser.close();

async function attempt(request) {
  const { context, finish } = tools(browser, { ...setup, ...request });
  try {
    return { passed: true, note: (await cases[request.case](context)) ?? "" };
  } catch (error) {
    console.error(request, error);
    return { passed: false, note: String(error.message ?? error).split("\n")[0] };
  } finally {
    await finish();
  }
}
