// Drives one browser: reads a case a line from standard input, writes its outcome as a line of JSON.
// The first line out tells the browser's version.

import { createInterface } from "node:readline";
import { launch } from "./browsers.mjs";
import * as data from "./cases.mjs";
import * as channels from "./channels.mjs";
import * as media from "./media.mjs";
import { tools } from "./tools.mjs";
import * as warp from "./warp.mjs";

const setup = JSON.parse(process.argv[2]);
const cases = { ...data, ...channels, ...media, ...warp };
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const browser = await launch(setup);
tell({ version: browser.version });

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const { context, finish } = tools(browser, { ...setup, ...request });
  try {
    const note = await cases[request.case](context);
    tell({ passed: true, note: note ?? "" });
  } catch (error) {
    console.error(request, error);
    tell({ passed: false, note: String(error.message ?? error).split("\n")[0] });
  } finally {
    await finish();
  }
}
await browser.close();
