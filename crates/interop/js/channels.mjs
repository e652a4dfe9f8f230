// Cases of data channels that take their time: many bytes, many channels, bad networks, sudden ends.

import { through } from "./relay.mjs";
import { check, until } from "./tools.mjs";

/** 100 MB there and back, compared by SHA-256. */
export async function bulk({ page, offerer }) {
  const tab = await page();
  return tab.evaluate(async (offerer) => {
    const { test, patchcord } = window;
    const link = await test.dial({ offerer });
    const size = 100_000_000;
    const moved = await patchcord.transfer(link.pc, size);
    if (!moved.equal) throw new Error("100 MB came back with another SHA-256");
    return `100 MB at ${Math.round(size / 1e6 / moved.seconds)} MB/s each way`;
  }, offerer);
}

/** The largest messages that both sides take: Firefox sends and takes 1 MiB, Chromium 256 KiB. */
export async function large({ page, serve, offerer, browser }) {
  const server = await serve("--largest-message", "1048576");
  const tab = await page({ url: server.url });
  const expected = browser === "firefox" ? 1_048_576 : 262_144;
  return tab.evaluate(async ({ offerer, expected }) => {
    const { test } = window;
    const { channel, pc } = await test.dial({ offerer });
    const largest = pc.sctp.maxMessageSize;
    if (largest !== expected) throw new Error(`the largest message has ${largest} bytes`);
    const sizes = [262_144, largest - 1, largest];
    await test.echo(channel, sizes.map(test.bytes));
    await test.burst(channel, ["x".repeat(largest), test.bytes(largest), "", test.bytes(3)]);
    return `largest message ${largest}`;
  }, { offerer, expected });
}

/** Five hundred channels in the first moment, each with messages of its own. */
export async function five_hundred({ page, offerer }) {
  const tab = await page();
  return tab.evaluate(async (offerer) => {
    const { test } = window;
    const count = 500;
    const channels = [];
    const prepare = (pc) => {
      if (offerer === "server") pc.addEventListener("datachannel", ({ channel }) => channels.push(channel));
      else for (let n = 1; n < count; n += 1) channels.push(pc.createDataChannel(`echo ${n}`));
    };
    const link = await test.dial({ offerer, prepare, query: { channels: count } });
    if (offerer === "browser") channels.push(link.channel);
    while (channels.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all(channels.map(test.opened));
    const labels = new Set(channels.map((channel) => channel.label));
    const ids = new Set(channels.map((channel) => channel.id));
    if (labels.size !== count || ids.size !== count) throw new Error(`${labels.size} labels, ${ids.size} ids`);
    await Promise.all(channels.map((channel) => {
      const all = Array.from({ length: 10 }, (_, n) => (n % 2 ? test.bytes(n * 100) : `${channel.label} ${n}`));
      return test.burst(channel, all);
    }));
    // Not the first nor the last, one of which is the connection's own.
    const closed = channels.slice(100, 350).map((channel) => new Promise((resolve) => {
      channel.addEventListener("close", resolve);
      channel.close();
    }));
    await Promise.all(closed);
    await Promise.all([...channels.slice(0, 100), ...channels.slice(350)].map((channel) =>
      test.burst(channel, ["still here"])));
    return `${count * 10} messages, each channel in order; 250 closed`;
  }, offerer);
}

/** Through a network that loses datagrams: an unreliable channel loses messages, a reliable one none. */
export async function partial(context) {
  const { page, offerer } = context;
  const tab = await page();
  const between = await through(tab, context, 0.05);
  const note = await tab.evaluate(async (offerer) => {
    const { test } = window;
    const init = { ordered: false, maxRetransmits: 0 };
    const { channel } = await test.dial({ offerer, init, query: init });
    const [timed, whole] = await test.more([["timed", { maxPacketLifeTime: 200 }], ["whole"]]);
    const count = 300;
    const watch = (channel) => {
      const back = new Map();
      channel.binaryType = "arraybuffer";
      channel.addEventListener("message", ({ data }) => {
        const n = new DataView(data).getUint32(0);
        back.set(n, (back.get(n) ?? 0) + 1);
      });
      return back;
    };
    const all = [channel, timed, whole];
    const back = all.map(watch);
    for (let n = 0; n < count; n += 1) {
      const message = new ArrayBuffer(4 + (n % 7) * 400);
      new DataView(message).setUint32(0, n);
      for (const each of all) each.send(message);
      if (n % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const started = performance.now();
    while (back[2].size < count && performance.now() - started < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (back.some((each) => [...each.values()].some((times) => times !== 1))) throw new Error("a message came twice");
    const [none, some, every] = back.map((each) => each.size);
    if (every !== count) throw new Error(`${every} of ${count} came back on the reliable channel`);
    const order = [...back[2].keys()];
    if (order.some((n, place) => n !== place)) throw new Error("the reliable channel is out of order");
    if (none >= count || none < count * 0.7) throw new Error(`${none} of ${count} came back without retransmission`);
    if (some < count * 0.1) throw new Error(`${some} of ${count} came back within 200 ms each way`);
    return `of ${count} came back: ${none} without retransmission, ${some} within 200 ms each way, ${every}`;
  }, offerer);
  check(between.count.lost > 10, `the relay lost ${between.count.lost}`);
  return note;
}

/** Sends without end, so that there is something in mid-transfer. */
const flood = (tab, offerer) => tab.evaluate(async (offerer) => {
  const { test } = window;
  const link = await test.dial({ offerer });
  const message = test.bytes(65_536);
  setInterval(() => {
    while (link.channel.readyState === "open" && link.channel.bufferedAmount < 4e6) link.channel.send(message);
  }, 5);
  return link.id;
}, offerer);

/** The browser is killed while it sends and receives: the server notices, and is as before. */
export async function kill_browser({ another, offerer, peer, api }) {
  const browser = await another();
  const id = await flood(await browser.page(), offerer);
  await until(20_000, "nothing flows", async () => (await peer(id)).body.bytes_in > 5e6);
  browser.kill();
  // Nobody says goodbye: consent (RFC 7675 §5.1) expires after 30 s.
  const ms = await until(45_000, "the server has the peer still", async () => (await peer(id)).status === 404);
  check((await api("/peers")).status === 200, "the server is not well");
  return `gone after ${(ms / 1000).toFixed(1)} s`;
}

/** The server is killed while it sends and receives: the browser notices. */
export async function kill_server({ page, serve, offerer }) {
  const server = await serve();
  const tab = await page({ url: server.url });
  const id = await flood(tab, offerer);
  const bytes = async () => (await (await fetch(`${server.url}/peers/${id}`)).json()).bytes_in;
  await until(20_000, "nothing flows", async () => (await bytes()) > 5e6);
  server.signal("SIGKILL");
  const lost = await until(50_000, "the loss goes unnoticed", () =>
    tab.evaluate(() => window.test.link.state === "failed"));
  return `lost after ${(lost / 1000).toFixed(1)} s`;
}

/** With I-DATA (RFC 8260) a large message does not hold up a small one; both sides say that they can. */
export async function interleaved({ page, offerer, peer }) {
  const tab = await page();
  const id = await tab.evaluate(async (offerer) => {
    const { test, patchcord } = window;
    const link = await test.dial({ offerer });
    const [bulk, words] = await test.more([["bulk"], ["words"]]);
    const large = Array.from({ length: 16 }, () => test.bytes(262_144));
    const small = Array.from({ length: 100 }, (_, n) => `word ${n}`);
    await Promise.all([test.burst(bulk, large), test.burst(words, small), patchcord.transfer(link.pc, 5_000_000)
      .then(({ equal }) => { if (!equal) throw new Error("5 MB came back with another SHA-256"); })]);
    return link.id;
  }, offerer);
  const { body } = await peer(id);
  check(body.interleaving === true, "messages are not interleaved");
  return "4 MB in large messages, 100 small ones and 5 MB, all at once";
}
