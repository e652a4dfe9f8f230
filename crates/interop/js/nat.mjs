// A call from one home to another: its way through NATs, or through a relay.

import { check } from "./tools.mjs";

/**
 * config: RTCConfiguration; relay: the transport to the relay that the call has to take, or null if
 * it has to go directly.
 */
export async function nat({ page, offerer, config, relay }) {
  const tab = await page();
  const { near, far, ms } = await tab.evaluate(async ({ offerer, config }) => {
    const { test } = window;
    const link = await test.dial({ offerer, config });
    await test.echo(link.channel, ["text", test.bytes(1200), test.bytes(100_000)]);
    const stats = await link.pc.getStats();
    const transport = [...stats.values()].find(({ type }) => type === "transport");
    const pair = stats.get(transport.selectedCandidatePairId);
    const [near, far] = [pair.localCandidateId, pair.remoteCandidateId].map((id) => stats.get(id));
    return { near, far, ms: Math.round(link.steps.open - link.steps.signalled) };
  }, { offerer, config });
  const way = `${near.candidateType} to ${far.candidateType}`;
  if (relay) {
    check(near.candidateType === "relay", `not by a relay, but ${way}`);
    check(near.relayProtocol === relay, `by ${near.relayProtocol} to the relay`);
  } else {
    check(![near, far].some((end) => end.candidateType === "relay"), `needlessly by a relay: ${way}`);
  }
  return `${way}, open ${ms} ms after both descriptions`;
}
