// What the handshake of DTLS agreed on.

import { check } from "./tools.mjs";

const POST_QUANTUM = "X25519MLKEM768";

/**
 * DTLS 1.3 with this group, and both sides say the same of it; in words. `peer`: what the server knows
 * of one.
 */
export async function agreed(tab, peer, group = POST_QUANTUM) {
  const { id, transport } = await tab.evaluate(async () => {
    const { link } = window.test;
    const stats = [...(await link.pc.getStats()).values()];
    return { id: link.id, transport: stats.find(({ type }) => type === "transport") };
  });
  const { body: { dtls_version, dtls_cipher, dtls_group } } = await peer(id);
  check(dtls_version === "DTLS 1.3", `the server speaks ${dtls_version}`);
  check(dtls_group === group, `the keys were made in ${dtls_group}, not in ${group}`);
  // Firefox tells no transport. RFC 9147 §5.3: 1.3 is FEFC.
  if (transport?.tlsVersion) {
    check(transport.tlsVersion === "FEFC", `the browser speaks ${transport.tlsVersion}`);
    check(transport.dtlsCipher === dtls_cipher, `${transport.dtlsCipher} there, ${dtls_cipher} here`);
  }
  return `${dtls_version}, ${dtls_group}`;
}
