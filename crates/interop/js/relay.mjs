// A bad network: a UDP relay between browser and server that loses datagrams.

import { createSocket } from "node:dgram";
import { once } from "node:events";

/**
 * A page whose call goes through a relay that loses the part `loss` of the datagrams. `see(there, datagram)`
 * is shown what the relay carries, to the server or from it. Resolves with the relay.
 */
export async function through(tab, { api, defer }, loss, see) {
  const { body: { id, sdp } } = await api("/offer");
  await api(`/peers/${id}`, { method: "DELETE" });
  const between = await relay(candidateOf(sdp), loss, see);
  defer(() => between.close());
  const { address, port } = between;
  await tab.evaluate((address) => window.test.through(address), { address, port });
  return between;
}

/**
 * Relays to `{ address, port }`, losing the part `loss` of the datagrams each way, chosen by `seed`.
 * Resolves with `{ address, port, count, close() }`; count: `{ carried, lost }`.
 */
async function relay({ address, port }, loss, see = () => {}, seed = 1) {
  const family = address.includes(":") ? "udp6" : "udp4";
  const random = numbers(seed);
  const count = { carried: 0, lost: 0 };
  const front = createSocket(family);
  // Of each address that the browser sends from, a socket of its own towards the server.
  const backs = new Map();

  const pass = (socket, datagram, to) => {
    see(socket !== front, datagram);
    if (random() < loss) {
      count.lost += 1;
      return;
    }
    count.carried += 1;
    // The case is over when one of them is closed: what is still under way is nobody's.
    socket.send(datagram, to.port, to.address, () => {});
  };
  const backOf = (from) => {
    const key = `${from.address} ${from.port}`;
    if (!backs.has(key)) {
      const back = createSocket(family);
      back.on("message", (datagram) => pass(front, datagram, from));
      backs.set(key, back);
    }
    return backs.get(key);
  };
  front.on("message", (datagram, from) => pass(backOf(from), datagram, { address, port }));
  front.bind(0, address);
  await once(front, "listening");
  const close = () => [front, ...backs.values()].forEach((socket) => socket.close());
  return { address, port: front.address().port, count, close };
}

/** Address and port of the first UDP candidate of a description. */
function candidateOf(sdp) {
  const [, address, port] = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/im.exec(sdp) ?? [];
  if (!address) throw new Error("the description has no host candidate");
  return { address, port: Number(port) };
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
