// What a case works with: pages, the server's list of peers, clocks, and servers of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { launch } from "./browsers.mjs";
import * as inside from "./inside.mjs";
import * as watching from "./watching.mjs";

const POLL = 20; // ms

/**
 * The context of one case, and `finish()`, which ends whatever the case started.
 * request: { url, echo (the program), browser, offerer, video and audio (codecs), target (folder for
 * pictures), long }.
 */
export function tools(browser, request) {
  const pages = [];
  const browsers = [];
  const servers = [];
  const deferred = [];

  /** A page of `url` that is not connected yet, with the functions of inside.mjs in `patchcord.test`. */
  const page = (options) => pageOf(browser, options);

  async function pageOf(browser, { url = request.url, at = "#idle", ...look } = {}) {
    const opened = await browser.page(look);
    pages.push(opened);
    opened.problems = [];
    opened.on("pageerror", (error) => opened.problems.push(error.message));
    opened.on("console", (line) => line.type() === "error" && opened.problems.push(line.text()));
    await opened.goto(`${url}/${at}`);
    await equip(opened);
    return opened;
  }

  /** A browser of the case's own, for what would disturb others. */
  async function another() {
    const started = await launch(request);
    browsers.push(started);
    return { page: (options) => pageOf(started, options), kill: started.kill };
  }

  /** A server of the case's own, for what would disturb others. */
  async function serve(...flags) {
    const child = spawn(request.echo, ["--listen", "127.0.0.1:0", ...flags]);
    const stopped = once(child, "exit").then(([code, signal]) => code ?? signal);
    servers.push({ child, stopped });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /Open (\S+)/.exec(line)?.[1];
      if (url) return { url, stopped, signal: (name) => child.kill(name) };
    }
    throw new Error("echo did not start");
  }

  /** Runs `last` at the end of the case, however it ends. */
  const defer = (last) => deferred.push(last);

  async function finish() {
    for (const opened of pages) {
      // As a person leaves a page; a tab that is closed by its driver hangs up nowhere.
      await opened.goto("about:blank").catch(() => {});
      await opened.leave().catch(() => {});
    }
    for (const each of browsers) await each.close().catch(() => {});
    for (const last of deferred) last();
    for (const { child, stopped } of servers) {
      child.kill("SIGKILL");
      await stopped;
    }
  }

  const api = async (path, options) => {
    const response = await fetch(`${request.url}${path}`, options);
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  };
  return { context: { ...request, page, another, serve, defer, api, peer: (id) => api(`/peers/${id}`) }, finish };
}

/** Gives a page the functions of inside.mjs and watching.mjs; needed again after each navigation. */
export async function equip(page) {
  const all = [inside, watching].map((file) => `...(${file.functions})(window.patchcord)`);
  await page.evaluate(`window.test = { ${all} }`);
}

/** Milliseconds until `condition()` is true; fails after `limit`. */
export async function until(limit, what, condition) {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > limit) throw new Error(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return performance.now() - started;
}

export function check(condition, what) {
  if (!condition) throw new Error(what);
}
