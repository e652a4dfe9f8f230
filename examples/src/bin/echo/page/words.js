// What happened, as sentences and numbers that a person reads.

/** How the connection came about. */
export function connectedWords({ offerer, steps }) {
  const who = offerer === "browser" ? "This browser offered" : "The server offered";
  return `Connected. ${who}; the channel opened after ${duration(steps.open)}.`;
}

/** Why a connection that never stood, or stood once, is given up. */
export function failureWords({ pc, steps }) {
  if (steps.open !== undefined) {
    return "The connection is lost: the server has not answered for half a minute.";
  }
  if (steps.signalled === undefined) {
    return "The server took too long to answer.";
  }
  if (pc.sctp?.transport.state === "failed") {
    return "The server was found, but the secure handshake (DTLS) with it failed.";
  }
  if (pc.iceConnectionState === "connected" || pc.iceConnectionState === "completed") {
    return "The server was found, but no data channel opened over the path to it.";
  }
  return "No path to the server: its HTTP answers, but UDP packets between it and this browser do not arrive. "
    + "A firewall, a VPN or a browser setting may stop them.";
}

/** Why the first channel is gone although nobody here closed it. */
export function lossWords({ pc }) {
  return pc.sctp?.state === "connected"
    ? "The server closed the channel."
    : "The server closed the connection.";
}

/** 0.84 ms, 12.3 ms, 1.25 s */
export function duration(ms) {
  if (ms === undefined || Number.isNaN(ms)) return "–";
  if (ms < 1000) return `${significant(ms)} ms`;
  return `${significant(ms / 1000)} s`;
}

/** 812 bytes, 1.25 MB */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return scaled(bytes, "B");
}

/** 640 bit/s, 12.3 Mbit/s */
export function rate(bits) {
  return bits < 1000 ? `${Math.round(bits)} bit/s` : scaled(bits, "bit/s");
}

/** 0.42 %, 12 % */
export function percent(part) {
  return part ? `${significant(part * 100)} %` : "0 %";
}

function scaled(value, unit) {
  let at = 0;
  while (value >= 999.5 && at < 3) {
    value /= 1000;
    at += 1;
  }
  return `${significant(value)} ${["", "k", "M", "G"][at]}${unit}`;
}

function significant(value) {
  if (value >= 99.5) return value.toFixed(0);
  return value.toFixed(value >= 9.95 ? 1 : 2);
}
