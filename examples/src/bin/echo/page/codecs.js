// Which codecs this browser has, and asking for one of them.

const KNOWN = { video: ["VP8", "VP9", "AV1", "H264"], audio: ["opus", "G722", "PCMU"] };
const NAMES = { opus: "Opus", H264: "H.264", G722: "G.722" };
/** Not codecs, but repair and signals that go with any of them. */
const COMPANIONS = ["rtx", "telephone-event", "CN"];

const nameOf = ({ mimeType }) => mimeType.split("/")[1];
const isNamed = (codec, name) => nameOf(codec).toLowerCase() === name.toLowerCase();

function capabilities(kind) {
  // Not every browser tells before a connection what it can do.
  return window.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs ?? [];
}

/** The names of those known here that this browser can send and receive. */
export function codecNames(kind) {
  const all = capabilities(kind);
  return KNOWN[kind].filter((name) => all.some((codec) => isNamed(codec, name)));
}

/** How people write it. */
export const spelled = (name) => NAMES[name] ?? name;

/** From the next offer or answer on, `transceiver` uses the codec `name`; undefined: any. */
export function prefer(transceiver, kind, name) {
  if (!transceiver.setCodecPreferences) return;
  const companions = (codec) => COMPANIONS.some((other) => isNamed(codec, other));
  const wanted = name ? capabilities(kind).filter((codec) => isNamed(codec, name) || companions(codec)) : [];
  transceiver.setCodecPreferences(wanted);
}
