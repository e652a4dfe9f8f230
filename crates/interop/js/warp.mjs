// A connection in fewer round trips, which Chromium has behind switches. SNAP: the INITs of SCTP
// travel in the descriptions (draft-hancke-tsvwg-snap). SPED: the handshake of DTLS rides in
// connectivity checks (draft-hancke-webrtc-sped). Both together are WARP (draft-uberti-tsvwg-warp).

import { check } from "./tools.mjs";

/** Both descriptions carry an INIT, and none goes over the wire. */
export async function snap(context) {
  const met = await meet(context);
  knowInits(met);
  return `open after ${met.open} ms, no INIT over the wire`;
}

/**
 * Both descriptions have the option, and the answerer's ClientHello, of two datagrams, rides in its
 * checks. On one machine there is a path before the rest of the handshake is ready.
 */
export async function sped(context) {
  const met = await meet(context);
  const { sent, received } = ride(met, context.offerer);
  return `open after ${met.open} ms, ${sent} datagrams rode there and ${received} back`;
}

/** Both at once. */
export async function warp(context) {
  const met = await meet(context);
  knowInits(met);
  const { sent, received } = ride(met, context.offerer);
  return `open after ${met.open} ms, no INIT over the wire, ${sent} datagrams rode there and ${received} back`;
}

/** Echoes some messages: both descriptions, what the server counted, and how long it took. */
async function meet({ page, offerer, peer }) {
  const tab = await page();
  const { id, descriptions, open } = await tab.evaluate(async (offerer) => {
    const { test } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(200_000)]);
    const { localDescription, remoteDescription } = link.pc;
    const descriptions = { browser: localDescription.sdp, server: remoteDescription.sdp };
    return { id: link.id, descriptions, open: Math.round(link.steps.open) };
  }, offerer);
  return { descriptions, open, counted: (await peer(id)).body };
}

function knowInits({ descriptions, counted: { inits } }) {
  for (const [who, sdp] of Object.entries(descriptions)) {
    check(/a=sctp-init:\S+/.test(sdp), `the ${who} told no INIT`);
  }
  check(inits?.sent === 0, `the server sent ${inits?.sent} INITs`);
  check(inits?.received === 0, `the browser sent ${inits?.received} INITs`);
}

function ride({ descriptions, counted: { embedded } }, offerer) {
  for (const [who, sdp] of Object.entries(descriptions)) {
    check(/a=ice-options:.*sped/.test(sdp), `the ${who} does not say that handshakes may ride`);
  }
  const [hello, who] = offerer === "browser" ? [embedded.sent, "server"] : [embedded.received, "browser"];
  check(hello >= 2, `${hello} datagrams rode in the checks of the ${who}`);
  return embedded;
}
