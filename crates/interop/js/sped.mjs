// SPED: the handshake of DTLS rides in connectivity checks (draft-hancke-webrtc-sped). Chromium does
// this with --force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/.

import { check } from "./tools.mjs";

/**
 * Both descriptions have the option, and the answerer's ClientHello, of two datagrams, rides in its
 * checks. On one machine there is a path before the rest of the handshake is ready.
 */
export async function sped({ page, offerer, peer }) {
  const tab = await page();
  const { id, options, open } = await tab.evaluate(async (offerer) => {
    const { test } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(200_000)]);
    const { localDescription, remoteDescription } = link.pc;
    const options = [localDescription, remoteDescription].map(({ sdp }) => /a=ice-options:(.*sped.*)/.exec(sdp)?.[1]);
    return { id: link.id, options, open: link.steps.open };
  }, offerer);
  check(options[0], "the browser does not say it");
  check(options[1], "the server does not say it");
  const { sent, received } = (await peer(id)).body.embedded;
  const [hello, who] = offerer === "browser" ? [sent, "server"] : [received, "browser"];
  check(hello >= 2, `${hello} datagrams rode in the checks of the ${who}`);
  return `open after ${Math.round(open)} ms, ${sent} datagrams rode there and ${received} back`;
}
