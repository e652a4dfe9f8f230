// Random bytes to the server and back, compared by SHA-256.

import { sha256 } from "./sha256.js";

const PIECE = 64 * 1024; // bytes a message
const HIGH = 4 * 1024 * 1024; // bytes waiting in the browser before we pause
const LOW = 1024 * 1024;

/**
 * Sends `size` random bytes over a channel of their own. Resolves with
 * `{ bytes, seconds, sent, back, equal }` (digests as hex); `progress(out, back)` is told both counts.
 */
export async function transfer(pc, size, progress = () => {}) {
  const bytes = randomBytes(size);
  const channel = pc.createDataChannel("transfer");
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW;
  const returned = new Uint8Array(size);
  let back = 0;
  let out = 0;

  const arrived = new Promise((resolve, reject) => {
    channel.addEventListener("message", ({ data }) => {
      if (back + data.byteLength > size) return reject(new Error("more came back than was sent"));
      returned.set(new Uint8Array(data), back);
      back += data.byteLength;
      progress(out, back);
      return back === size && resolve();
    });
    channel.addEventListener("close", () => {
      reject(new Error(`the channel closed after ${back} of ${size} bytes were back`));
    });
  });

  const whole = (async () => {
    await event(channel, "open");
    const started = performance.now();
    for (const piece of pieces(bytes, Math.min(PIECE, pc.sctp.maxMessageSize))) {
      if (channel.bufferedAmount > HIGH) await event(channel, "bufferedamountlow");
      channel.send(piece);
      out += piece.byteLength;
      progress(out, back);
    }
    await arrived;
    return (performance.now() - started) / 1000;
  })();

  try {
    const [seconds] = await Promise.all([whole, arrived]);
    const [sent, came] = await Promise.all([sha256(bytes), sha256(returned)]);
    return { bytes: size, seconds, sent, back: came, equal: sent === came };
  } finally {
    channel.close();
  }
}

function* pieces(bytes, length) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function event(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}

function randomBytes(size) {
  const bytes = new Uint8Array(size);
  // getRandomValues fills at most 64 KiB a call.
  for (const block of pieces(bytes, 65_536)) crypto.getRandomValues(block);
  return bytes;
}
