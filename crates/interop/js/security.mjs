// Handshakes of DTLS with other groups and keys.

import { agreed } from "./handshake.mjs";
import { check } from "./tools.mjs";

/** A browser without groups that are safe from quantum computers: they meet in X25519. */
export async function classic({ page, offerer, peer }) {
  const tab = await page();
  await speak(tab, { offerer });
  return agreed(tab, peer, "x25519");
}

/** The browser shows a certificate with an RSA key, as older gateways do. */
export async function rsa({ page, offerer, peer }) {
  const tab = await page();
  const key = await tab.evaluate(async (offerer) => {
    const certificate = await RTCPeerConnection.generateCertificate({
      name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    });
    const { test } = window;
    const link = await test.dial({ offerer, config: { certificates: [certificate] } });
    await test.echo(link.channel, ["text", test.bytes(1200)]);
    const [fingerprint] = certificate.getFingerprints();
    return link.pc.localDescription.sdp.toLowerCase().includes(fingerprint.value.toLowerCase());
  }, offerer);
  check(key, "the browser announced another certificate");
  return agreed(tab, peer);
}

/** A connection, some messages. */
function speak(tab, options) {
  return tab.evaluate(async (options) => {
    const { test } = window;
    const link = await test.dial(options);
    await test.echo(link.channel, ["text", test.bytes(1200)]);
  }, options);
}
