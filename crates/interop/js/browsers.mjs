// Starting a browser without a window, and what both drivers need to be alike.

import { createRequire } from "node:module";

const CHROMIUM = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update",
  // A camera and a microphone that need no permission, and sound without a click.
  "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

const FIREFOX = {
  "media.peerconnection.ice.proxy_only_if_behind_proxy": false,
  "media.gmp-manager.updateEnabled": false,
  "app.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
};

/**
 * `{ version, page(options), close(), kill() }`. addresses: "hidden" behind mDNS names, as browsers do
 * for pages without permission for a camera; "usual", for pages that have it; or "plain". features: switches for Chromium. modules: the folder with
 * node_modules. loopback: whether that interface takes part, as on a machine that has no other.
 */
export async function launch({ browser, executable, modules, addresses, features, loopback }) {
  const start = { chromium, firefox }[browser];
  const [plain, hidden] = ["plain", "hidden"].map((word) => word === addresses);
  return start({ executable, load: createRequire(`${modules}/`), plain, hidden, features, loopback });
}

async function chromium({ executable, load, plain, hidden, features, loopback }) {
  const { chromium: driver } = load("playwright-core");
  const args = [...CHROMIUM, ...features];
  if (loopback) args.push("--allow-loopback-in-peer-connection");
  if (!hidden) args.push("--use-fake-ui-for-media-stream");
  if (plain) args.push("--disable-features=WebRtcHideLocalIpsWithMdns");
  // A server of its own, because only that tells its process.
  const server = await driver.launchServer({ executablePath: executable, headless: true, args });
  const browser = await driver.connect(server.wsEndpoint());
  return {
    version: browser.version(),
    async page({ width = 1200, height = 900, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        ignoreHTTPSErrors: true,
      });
      const page = await context.newPage();
      return Object.assign(page, { leave: () => context.close() });
    },
    close: () => server.close(),
    kill: () => server.process().kill("SIGKILL"),
  };
}

async function firefox({ executable, load, plain, loopback }) {
  const { default: driver } = await import(load.resolve("puppeteer-core"));
  const browser = await driver.launch({
    browser: "firefox",
    executablePath: executable,
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      ...FIREFOX,
      "media.peerconnection.ice.loopback": loopback,
      "media.peerconnection.ice.obfuscate_host_addresses": !plain,
    },
  });
  return {
    version: (await browser.version()).replace(/^\D*/, ""),
    async page({ width = 1200, height = 900 } = {}) {
      const page = await browser.newPage();
      await page.setViewport({ width, height });
      return Object.assign(page, { leave: () => page.close() });
    },
    close: () => browser.close(),
    kill: () => browser.process().kill("SIGKILL"),
  };
}
