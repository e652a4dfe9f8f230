// A connection in fewer round trips, which Chromium has behind switches. SNAP: the INITs of SCTP
// travel in the descriptions (draft-hancke-tsvwg-snap). SPED: the handshake of DTLS rides in
// connectivity checks (draft-hancke-webrtc-sped). Both together are WARP (draft-uberti-tsvwg-warp).

import { through } from "./relay.mjs";
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
  return `open after ${met.open} ms, ${ride(met, context.offerer)}`;
}

/** Both at once. */
export async function warp(context) {
  const met = await meet(context);
  knowInits(met);
  return `open after ${met.open} ms, no INIT over the wire, ${ride(met, context.offerer)}`;
}

/** Echoes some messages: both descriptions, what the server counted and the wire showed, how long it took. */
async function meet(context) {
  const { page, offerer, peer } = context;
  const tab = await page();
  const wire = { there: [], back: [] };
  await through(tab, context, 0, (there, datagram) => wire[there ? "there" : "back"].push(...riders(datagram)));
  const { id, descriptions, open } = await tab.evaluate(async (offerer) => {
    const { test } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(200_000)]);
    const { localDescription, remoteDescription } = link.pc;
    const descriptions = { browser: localDescription.sdp, server: remoteDescription.sdp };
    return { id: link.id, descriptions, open: Math.round(link.steps.open) };
  }, offerer);
  return { descriptions, open, wire, counted: (await peer(id)).body };
}

function knowInits({ descriptions, counted: { inits } }) {
  for (const [who, sdp] of Object.entries(descriptions)) {
    check(/a=sctp-init:\S+/.test(sdp), `the ${who} told no INIT`);
  }
  check(inits?.sent === 0, `the server sent ${inits?.sent} INITs`);
  check(inits?.received === 0, `the browser sent ${inits?.received} INITs`);
}

/**
 * Whether the wire shows datagrams of DTLS inside of checks and responses; in words. The ClientHello of the
 * answerer has to ride; what answers it may find a path, so near.
 */
function ride({ descriptions, wire, counted: { embedded } }, offerer) {
  for (const [who, sdp] of Object.entries(descriptions)) {
    check(/a=ice-options:.*sped/.test(sdp), `the ${who} does not say that handshakes may ride`);
  }
  const [hello, who] = offerer === "browser" ? [embedded.sent, "server"] : [embedded.received, "browser"];
  check(hello >= 2, `${hello} datagrams rode in the checks of the ${who}`);
  for (const [way, datagrams] of Object.entries(wire)) {
    check(datagrams.every(isHandshake), `what rode ${way} is no handshake`);
  }
  const seen = { there: wire.there.length, back: wire.back.length };
  check(seen.back === embedded.sent, `the server sent ${embedded.sent}, and ${seen.back} were on the wire`);
  check(seen.there >= embedded.received, `the server found ${embedded.received}, and ${seen.there} were on the wire`);
  return `on the wire ${seen.back} datagrams rode there and ${seen.there} back`;
}

/** The datagrams of DTLS that a STUN message carries. */
function riders(datagram) {
  const DATA = 0xc070; // DTLS-IN-STUN-DATA
  const HEADER = 20;
  const isMessage = datagram.length >= HEADER && datagram[0] < 4 && datagram.readUInt32BE(4) === 0x2112a442;
  const found = [];
  for (let at = HEADER; isMessage && at + 4 <= datagram.length;) {
    const [type, length] = [datagram.readUInt16BE(at), datagram.readUInt16BE(at + 2)];
    if (type === DATA && length > 0) found.push(datagram.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** A record of the handshake in the clear (RFC 6347 §4.1), or one that is encrypted (RFC 9147 §4). */
const isHandshake = (datagram) => datagram[0] === 22 || datagram[0] >> 5 === 1;
