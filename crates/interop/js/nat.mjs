// A call from one home to another: its way through NATs, or through a relay.

import { frames, steady } from "./steady.mjs";
import { check } from "./tools.mjs";

/**
 * Messages there and back. config: RTCConfiguration; relay: the transport to the relay that the call
 * has to take, or null if it has to go directly; there: whether it is the server that has a relay.
 */
export async function nat({ page, offerer, config, relay, there }) {
  const tab = await page();
  const ms = await tab.evaluate(async ({ offerer, config }) => {
    const { test } = window;
    const link = await test.dial({ offerer, config });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(100_000)]);
    return Math.round(link.steps.open);
  }, { offerer, config });
  return `${await way(tab, relay, there)}, open after ${ms} ms`;
}

/** Picture and sound for some seconds, none of them without either. */
export async function nat_media({ page, offerer, config, relay, there, seconds }) {
  const tab = await page();
  await tab.evaluate((config) => {
    // The page itself knows no servers.
    const Plain = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(given) {
        super({ ...given, ...config });
      }
    };
  }, config);
  await tab.evaluate((offerer) => window.test.call({ offerer, video: "VP8", audio: "opus" }), offerer);
  await tab.evaluate(() => window.test.flowing());
  const taken = await way(tab, relay, there);
  const flow = steady(await tab.evaluate((seconds) => window.test.watch_media(seconds), seconds));
  await way(tab, relay, there);
  return `${taken}, ${frames(flow)} in ${seconds} s`;
}

/** The kinds of the candidates in use, which have to be the right ones. */
async function way(tab, relay, there) {
  const { near, far } = await tab.evaluate(async () => {
    const stats = await window.test.link.pc.getStats();
    const transport = [...stats.values()].find(({ type }) => type === "transport");
    // Firefox tells no transport.
    const selected = ({ type, selected }) => type === "candidate-pair" && selected;
    const pair = transport ? stats.get(transport.selectedCandidatePairId) : [...stats.values()].find(selected);
    const [near, far] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id));
    return { near, far };
  });
  const words = `${near.candidateType} to ${far.candidateType}`;
  if (relay) {
    check(near.candidateType === "relay", `not by a relay, but ${words}`);
    check(near.relayProtocol === relay, `by ${near.relayProtocol} to the relay`);
  } else if (there) {
    check(far.candidateType === "relay", `not by the server's relay, but ${words}`);
  } else {
    check(![near, far].some((end) => end.candidateType === "relay"), `needlessly by a relay: ${words}`);
  }
  return words;
}
