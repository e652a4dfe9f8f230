// ICE restarts while picture and sound flow.

import { check, until } from "./tools.mjs";

const TIMES = 3;
const LOST = 3; // frames: fewer for each restart

/**
 * The side that offers looks for a path anew, again and again. Frames are counted while none is under
 * way: those of before a pause, and those of before the next one.
 */
export async function restart({ page, offerer }) {
  const tab = await page();
  await tab.evaluate((wanted) => window.test.call(wanted), { offerer, video: "VP8", audio: "opus" });
  await tab.evaluate(() => window.test.flowing());
  await tab.evaluate(prepare);
  const before = await tab.evaluate(() => window.restarts.counted());
  await tab.evaluate(() => window.restarts.resume());
  let [names, pair] = [await tab.evaluate(() => window.restarts.names()), await selected(tab)];
  const times = [];
  for (let n = 0; n < TIMES; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await tab.evaluate((offerer) => window.restarts.restart(offerer), offerer);
    times.push(await until(5000, "no other pair was selected", async () => (await selected(tab)) !== pair));
    const fresh = await tab.evaluate(() => window.restarts.names());
    check(fresh.every((name, n) => name !== names[n]), `the names before ${names}, and after ${fresh}`);
    [names, pair] = [fresh, await selected(tab)];
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await tab.evaluate(() => window.test.flowing());
  const after = await tab.evaluate(() => window.restarts.counted());
  const more = (field) => after[field] - before[field];
  const lost = more("sent") - more("received");
  check(more("sent") > 40, `${more("sent")} frames were sent`);
  check(lost < LOST, `${lost} of ${more("sent")} frames were lost in ${TIMES} restarts`);
  const state = await tab.evaluate(() => window.test.link.state);
  check(state === "connected", `it is ${state}`);
  const silent = more("soundSent") - more("soundReceived");
  return `${TIMES} restarts, ${lost} of ${more("sent")} frames and ${silent} of ${more("soundSent")} packets of sound `
    + `lost, another pair after ${times.map(Math.round).join(", ")} ms`;
}

const selected = (tab) => tab.evaluate(() => window.restarts.pair());

/** Runs in the page. */
function prepare() {
  const { test, patchcord: { studio } } = window;
  const { link: { pc, id } } = test;
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const all = async () => [...(await pc.getStats()).values()];
  const lines = Object.entries(studio.media.lines);

  const request = async (path, description) => {
    const body = description && { method: "POST", body: JSON.stringify({ type: description.type, sdp: description.sdp }) };
    const response = await fetch(`/peers/${id}/${path}`, body);
    if (!response.ok) throw new Error(`the server said ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  const gathered = async () => {
    while (pc.iceGatheringState !== "complete") await wait(10);
  };

  async function count() {
    const stats = await all();
    const of = (type, kind) => stats.find((s) => s.type === type && (s.kind ?? s.mediaType) === kind) ?? {};
    const [out, back] = [of("outbound-rtp", "video"), of("inbound-rtp", "video")];
    return {
      sent: out.framesSent ?? out.framesEncoded,
      received: back.framesReceived ?? back.framesDecoded,
      soundSent: of("outbound-rtp", "audio").packetsSent,
      soundReceived: of("inbound-rtp", "audio").packetsReceived,
    };
  }

  window.restarts = {
    /** Stops sending, waits until nothing is under way, and counts. */
    async counted() {
      for (const [, line] of lines) await line.sender.replaceTrack(null);
      let [before, same] = [await count(), 0];
      while (same < 5) {
        await wait(100);
        const now = await count();
        same = JSON.stringify(now) === JSON.stringify(before) ? same + 1 : 0;
        before = now;
      }
      return before;
    },

    async resume() {
      for (const [kind, line] of lines) await line.sender.replaceTrack(studio.source[kind]);
    },

    async restart(offerer) {
      if (offerer === "browser") {
        pc.restartIce();
        await pc.setLocalDescription();
        await gathered();
        await pc.setRemoteDescription(await request("offer", pc.localDescription));
      } else {
        await pc.setRemoteDescription(await request("offer"));
        await pc.setLocalDescription();
        await gathered();
        await request("answer", pc.localDescription);
      }
    },

    /** The names of both sides for ICE. */
    names() {
      return [pc.localDescription, pc.remoteDescription].map(({ sdp }) => /a=ice-ufrag:(\S+)/.exec(sdp)[1]);
    },

    /** The pair of candidates in use. */
    async pair() {
      const stats = await all();
      const transport = stats.find(({ type }) => type === "transport");
      // Firefox tells no transport.
      const chosen = stats.find((s) => s.type === "candidate-pair" && s.selected);
      return transport?.selectedCandidatePairId ?? chosen?.id;
    },
  };
}
