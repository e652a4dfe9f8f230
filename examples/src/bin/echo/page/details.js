// The connection as the browser sees it: what getStats() tells, in rows of names and values.

import { duration, size } from "./words.js";

// DTLS counts its versions downwards: RFC 6347 §4.1, RFC 9147 §5.3.
const VERSIONS = { FEFF: "DTLS 1.0", FEFD: "DTLS 1.2", FEFC: "DTLS 1.3" };

/** The statistics of the path in use: pair, its two candidates, the transport, bytes on all paths. */
export async function pathStats(pc) {
  const stats = await pc.getStats();
  const all = [...stats.values()];
  const transport = all.find((s) => s.type === "transport");
  const pair = stats.get(transport?.selectedCandidatePairId)
    ?? all.find((s) => s.type === "candidate-pair" && s.selected);
  // The other side may send along another pair than this one does.
  const pairs = all.filter((s) => s.type === "candidate-pair");
  const total = (field) => pairs.reduce((sum, s) => sum + (s[field] ?? 0), 0);
  return {
    transport,
    pair,
    near: stats.get(pair?.localCandidateId),
    far: stats.get(pair?.remoteCandidateId),
    out: total("bytesSent"),
    back: total("bytesReceived"),
  };
}

/** `[name, value]` rows; what a browser does not tell is left out. */
export async function detailRows(link) {
  const { transport, near, far, out, back } = await pathStats(link.pc);
  const rows = [
    ["State", link.pc.connectionState],
    ["Path", near && far && `${address(near)} → ${address(far)}`],
    ["Kind", near && far && `${near.protocol.toUpperCase()}, ${near.candidateType} to ${far.candidateType}`],
    ["Security", listed(version(transport), transport?.dtlsCipher)],
    ["Roles", listed(transport?.iceRole && `ICE ${transport.iceRole}`, transport?.dtlsRole && `DTLS ${transport.dtlsRole}`)],
    ["Set up", steps(link.steps)],
    ["Carried", `${size(out)} out, ${size(back)} back`],
    ["Largest message", link.pc.sctp && size(link.pc.sctp.maxMessageSize)],
  ];
  return rows.filter(([, value]) => value);
}

/** Where the two ends are, short: for the picture of the cord. */
export function ends(rows) {
  const [near = "", far = ""] = rows.find(([name]) => name === "Path")?.[1].split(" → ") ?? [];
  return { near, far };
}

/** Replaces the content of a `<dl>`. */
export function showRows(list, rows) {
  list.replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    return [term, text];
  }));
}

const listed = (...parts) => parts.filter(Boolean).join(", ");
const version = (transport) => VERSIONS[transport?.tlsVersion] ?? transport?.tlsVersion;

function address(candidate) {
  const host = candidate.address ?? candidate.ip;
  // Behind a name of multicast DNS, in browsers that tell even that.
  if (!host || host.endsWith(".local")) return "address hidden";
  return host.includes(":") ? `[${host}]:${candidate.port}` : `${host}:${candidate.port}`;
}

function steps({ signalled, secured, open }) {
  const known = [["signalled", signalled], ["secured", secured], ["open", open]].filter(([, ms]) => ms);
  return listed(...known.map(([name, ms]) => `${name} ${duration(ms)}`));
}
