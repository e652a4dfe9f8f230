// SNAP: the INITs of SCTP travel in the descriptions (draft-hancke-tsvwg-snap). Chromium does this
// with --enable-features=WebRtcSctpSnap.

import { check } from "./tools.mjs";

/** Both descriptions carry an INIT, and none goes over the wire. */
export async function snap({ page, offerer, peer }) {
  const tab = await page();
  const { id, init, open } = await tab.evaluate(async (offerer) => {
    const { test } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(200_000)]);
    const { localDescription, remoteDescription } = link.pc;
    const init = [localDescription, remoteDescription].map(({ sdp }) => /a=sctp-init:(\S+)/.exec(sdp)?.[1]);
    return { id: link.id, init, open: link.steps.open };
  }, offerer);
  check(init[0], "the browser told no INIT");
  check(init[1], "the server told no INIT");
  const { body } = await peer(id);
  check(body.inits?.sent === 0, `the server sent ${body.inits?.sent} INITs`);
  check(body.inits?.received === 0, `the browser sent ${body.inits?.received} INITs`);
  return `open after ${Math.round(open)} ms, no INIT over the wire`;
}
