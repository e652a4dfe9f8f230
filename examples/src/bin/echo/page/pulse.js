// A small message four times a second, so that the round-trip chart always has something to say.

const EVERY = 250; // ms

/** Calls `beat(ms)` for each pulse that returns. Lost ones are not repeated. */
export function startPulse(pc, beat) {
  const channel = pc.createDataChannel("pulse", { ordered: false, maxRetransmits: 0 });
  channel.binaryType = "arraybuffer";
  const timer = setInterval(() => {
    if (channel.readyState === "open") channel.send(Float64Array.of(performance.now()));
  }, EVERY);
  channel.addEventListener("message", ({ data }) => {
    beat(performance.now() - new Float64Array(data)[0]);
  });
  channel.addEventListener("close", () => clearInterval(timer));
}
