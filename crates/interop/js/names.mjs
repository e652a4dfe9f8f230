// Names of multicast DNS. The side that is told no candidates cannot begin, so that a call comes
// about only if the other side finds the address behind a name.

import { check } from "./tools.mjs";

/** First the browser finds our address, then we find the browser's. */
export async function names({ page, serve, offerer }) {
  if (!await hides(await page())) return "skipped: a host that has loopback only has nothing to hide";
  const { url } = await serve("--hide-addresses");
  const ours = await call(await page({ url }), offerer, "server");
  const theirs = await call(await page(), offerer, "browser");
  return `ours found after ${ours} ms, the browser's after ${theirs} ms`;
}

/** Whether the browser tells names here. */
function hides(tab) {
  return tab.evaluate(async () => {
    const pc = new RTCPeerConnection();
    pc.createDataChannel("any");
    const told = new Promise((resolve) => {
      pc.addEventListener("icecandidate", ({ candidate }) => {
        if (!candidate) resolve(false);
        if (candidate?.address?.endsWith(".local")) resolve(true);
      });
    });
    await pc.setLocalDescription();
    return told.finally(() => pc.close());
  });
}

/** Milliseconds from the descriptions to an open channel, with one side deaf. */
async function call(tab, offerer, deaf) {
  const { told, ms } = await tab.evaluate(async ({ offerer, deaf }) => {
    const told = [];
    const heard = (line, to) => {
      const address = /^a=candidate:(?:\S+ ){4}(\S+)/.exec(line)?.[1];
      if (!address) return line !== "a=end-of-candidates";
      if (to === deaf || ["127.0.0.1", "::1"].includes(address)) return false;
      return told.push(address);
    };
    // Descriptions and candidates pass here, in JSON. Chromium does not hide loopback, where it takes
    // part.
    const wash = (text, to) => {
      const said = text && JSON.parse(text);
      if (Array.isArray(said)) {
        return JSON.stringify(said.filter(({ candidate }) => candidate && heard(`a=${candidate}`, to)));
      }
      if (!said?.sdp) return text;
      return JSON.stringify({ ...said, sdp: said.sdp.split("\r\n").filter((line) => heard(line, to)).join("\r\n") });
    };
    const fetched = window.fetch.bind(window);
    window.fetch = async (url, { body, ...options } = {}) => {
      // The server's are all in its description.
      if (url.includes("/candidates?")) return new Promise(() => {});
      const response = await fetched(url, { ...options, body: body && wash(body, "server") });
      const { status, headers } = response;
      const text = wash(await response.text(), "browser");
      return new Response(status === 204 ? null : text, { status, headers });
    };
    const { test } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["text", test.bytes(1200)]);
    return { told, ms: Math.round(link.steps.open - link.steps.signalled) };
  }, { offerer, deaf });
  check(told.length > 0, "no candidate was told");
  const plain = told.find((address) => !address.endsWith(".local"));
  check(!plain, `told ${plain}`);
  return ms;
}
