// What getStats() tells of the RTP streams, as rates between two looks.

/** Two looks make one report; the first one has no rates. */
export class Flow {
  #before = null;

  /**
   * `{ out, back }` in bits a second, `{ lossOut, lossBack }` as parts of 1, `trip` in milliseconds,
   * and for each kind of stream what is sent and received: `sent.video`, `received.audio` …
   */
  async look(pc) {
    const stats = await pc.getStats();
    const all = [...stats.values()];
    const of = (type) => Object.fromEntries(
      all.filter((s) => s.type === type && (s.bytesSent !== 0 || s.packetsReceived !== 0))
        .map((s) => [s.kind ?? s.mediaType, { ...s, codec: stats.get(s.codecId)?.mimeType?.split("/")[1] }]),
    );
    const now = {
      time: performance.now(),
      sent: of("outbound-rtp"),
      received: of("inbound-rtp"),
      reported: of("remote-inbound-rtp"),
    };
    const before = this.#before ?? now;
    this.#before = now;
    return { ...rates(before, now), trip: roundTrip(now.reported, all), sent: now.sent, received: now.received };
  }
}

function rates(before, now) {
  const seconds = (now.time - before.time) / 1000;
  if (!seconds) return {};
  // A stream that was not there before counts from its own beginning.
  const added = (what, field) => Object.entries(now[what])
    .reduce((sum, [kind, s]) => sum + Math.max(0, (s[field] ?? 0) - (before[what][kind]?.[field] ?? 0)), 0);
  const lost = (missing, carried) => (missing + carried ? missing / (missing + carried) : undefined);
  return {
    out: (added("sent", "bytesSent") * 8) / seconds,
    back: (added("received", "bytesReceived") * 8) / seconds,
    lossOut: lost(added("reported", "packetsLost"), added("sent", "packetsSent")),
    lossBack: lost(added("received", "packetsLost"), added("received", "packetsReceived")),
  };
}

/** By RTCP, or else by the checks of the path. */
function roundTrip(reported, all) {
  const told = Object.values(reported).map((s) => s.roundTripTime).filter((seconds) => seconds !== undefined);
  const pair = all.find((s) => s.type === "candidate-pair" && s.nominated && s.currentRoundTripTime !== undefined);
  const seconds = told.length ? Math.min(...told) : pair?.currentRoundTripTime;
  return seconds === undefined ? undefined : seconds * 1000;
}

/** 640 × 480, 30 frames/s, VP8 */
export function pictureWords(stream) {
  if (!stream?.frameWidth) return "";
  const frames = stream.framesPerSecond === undefined ? "" : `, ${Math.round(stream.framesPerSecond)} frames/s`;
  return `${stream.frameWidth} × ${stream.frameHeight}${frames}${stream.codec ? `, ${stream.codec}` : ""}`;
}
