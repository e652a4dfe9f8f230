// The cases, by name. Each returns a note for its row, or throws what was wrong.

import { agreed } from "./handshake.mjs";
import { check, until } from "./tools.mjs";

const SOON = 1000; // ms in which the other side has to know

/** Text, binary, nothing at all, the largest message, and 10 MB. */
export async function echo({ page, offerer, peer, long }) {
  const tab = await page();
  const note = await tab.evaluate(async ({ offerer, size }) => {
    const { test, patchcord } = window;
    const link = await test.dial({ offerer });
    const largest = link.pc.sctp.maxMessageSize;
    await test.echo(link.channel, [
      "text", "Grüße, 你好, 🦀", "\u0000", "", test.bytes(1), test.bytes(0), "", test.bytes(1200),
      "x".repeat(65_536), test.bytes(65_536), test.bytes(largest),
    ]);
    const moved = await patchcord.transfer(link.pc, size);
    if (!moved.equal) throw new Error("10 MB came back with another SHA-256");
    return `open after ${Math.round(link.steps.open)} ms, largest message ${largest}, `
      + `${size / 1e6} MB at ${Math.round(size / 1e6 / moved.seconds)} MB/s each way`;
  }, { offerer, size: long ? 200_000_000 : 10_000_000 });
  return `${note}, ${await agreed(tab, peer)}`;
}

/** Without order and without repetition nothing is lost on a machine's own wire, or comes twice. */
export async function unordered({ page, offerer }) {
  const tab = await page();
  return tab.evaluate(async (offerer) => {
    const { test } = window;
    const init = { ordered: false, maxRetransmits: 0 };
    const { channel } = await test.dial({ offerer, init, query: init });
    if (channel.ordered || channel.maxRetransmits !== 0) throw new Error("the channel is ordered or reliable");
    const count = 500;
    const back = new Map();
    channel.addEventListener("message", ({ data }) => {
      const n = new DataView(data).getUint32(0);
      back.set(n, (back.get(n) ?? 0) + (data.byteLength === 4 + n * 4 ? 1 : 1000));
    });
    for (let n = 0; n < count; n += 1) {
      const message = new ArrayBuffer(4 + n * 4);
      new DataView(message).setUint32(0, n);
      channel.send(message);
      if (n % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const started = performance.now();
    while (back.size < count && performance.now() - started < 2000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if ([...back.values()].some((times) => times !== 1)) throw new Error("a message came twice or changed");
    if (back.size < count * 0.98) throw new Error(`${back.size} of ${count} came back`);
    return `${back.size} of ${count} came back`;
  }, offerer);
}

/** Channels that both sides know beforehand, beside one that is announced. */
export async function negotiated({ page, offerer }) {
  const tab = await page();
  return tab.evaluate(async (offerer) => {
    const { test } = window;
    const ids = [6, 1001];
    const known = [];
    const prepare = (pc) => {
      for (const id of ids) known.push(pc.createDataChannel(`known ${id}`, { negotiated: true, id }));
    };
    const options = { offerer, prepare, negotiated: ids, query: { negotiated: ids.join() } };
    const { channel } = await test.dial(options);
    if (known.some((other) => other.id === channel.id)) throw new Error(`id ${channel.id} is taken twice`);
    await Promise.all(known.map(test.opened));
    const all = ["first", test.bytes(60_000), "", "last"];
    await Promise.all([channel, ...known].map((each) => test.burst(each, all)));
    return `ids ${ids.join(" and ")}, announced ${channel.id}`;
  }, offerer);
}

/** Channel "a" is closed, "b" goes on; then "a" can be opened anew. */
async function open(tab, offerer) {
  return tab.evaluate(async (offerer) => {
    const { test } = window;
    const link = await test.dial({ offerer });
    test.channels = await test.more([["a"], ["b"]]);
    test.watch([link.channel, ...test.channels]);
    await test.burst(test.channels[0], ["before"]);
    return link.id;
  }, offerer);
}

const others = (tab) => tab.evaluate(async () => {
  const { test } = window;
  await test.burst(test.channels[1], ["after"]);
  const [again] = await test.more([["a"]]);
  await test.burst(again, ["again"]);
});

/** channel.close() in the browser: the server no longer has it. */
export async function close_channel_here({ page, offerer, peer }) {
  const tab = await page();
  const id = await open(tab, offerer);
  check((await peer(id)).body.channels.includes("a"), "the server does not know the channel");
  await tab.evaluate(() => window.test.channels[0].close());
  const ms = await until(SOON, "the server has the channel still", async () =>
    !(await peer(id)).body.channels.includes("a"));
  await until(SOON, "the browser's own close event", () => tab.evaluate(() => window.test.closed.a));
  await others(tab);
  return `known after ${Math.round(ms)} ms`;
}

/** The server closes a channel: the browser's close event. */
export async function close_channel_there({ page, offerer, api }) {
  const tab = await page();
  const id = await open(tab, offerer);
  const started = Date.now();
  const { status } = await api(`/peers/${id}/channels/a`, { method: "DELETE" });
  check(status === 204, `the server said ${status}`);
  await until(SOON, "the browser's close event", () => tab.evaluate(() => window.test.closed.a));
  const ms = await tab.evaluate(() => window.test.closed.a) - started;
  await others(tab);
  return `known after ${ms} ms`;
}

/** pc.close() in the browser: the server has one peer less. */
export async function close_peer_here({ page, offerer, peer }) {
  const tab = await page();
  const id = await open(tab, offerer);
  check((await peer(id)).status === 200, "the server does not know the peer");
  await tab.evaluate(() => window.test.link.pc.close());
  const ms = await until(SOON, "the server has the peer still", async () => (await peer(id)).status === 404);
  return `known after ${Math.round(ms)} ms`;
}

/** The server hangs up: every channel in the browser closes. */
export async function close_peer_there({ page, offerer, api }) {
  const tab = await page();
  const id = await open(tab, offerer);
  const started = Date.now();
  const { status } = await api(`/peers/${id}`, { method: "DELETE" });
  check(status === 204, `the server said ${status}`);
  await until(SOON, "the browser's close events", () => tab.evaluate(() => Object.keys(window.test.closed).length === 3));
  const last = await tab.evaluate(() => Math.max(...Object.values(window.test.closed)));
  const words = await tab.evaluate(() => window.test.link.words);
  check(words === "The server closed the connection.", `the page said: ${words}`);
  return `known after ${last - started} ms`;
}

/** Ten reloads, each with a new connection, and then nobody is left. */
export async function reload({ page, offerer, api, long }) {
  const before = new Set((await api("/peers")).body.peers.map(({ id }) => id));
  const count = async () => (await api("/peers")).body.peers.filter(({ id }) => !before.has(id)).length;
  const tab = await page({ at: offerer === "server" ? "#server" : "" });
  const times = long ? 100 : 10;
  for (let n = 0; n <= times; n += 1) {
    if (n) await tab.reload();
    await tab.evaluate(() => window.patchcord.link.opened);
    const who = await tab.evaluate(() => window.patchcord.link.offerer);
    check(who === offerer, `the ${who} offered`);
    await until(SOON, "an earlier load is a peer still", async () => (await count()) === 1);
  }
  await tab.goto("about:blank");
  const ms = await until(3000, "peers are left", async () => (await count()) === 0);
  return `none left ${Math.round(ms)} ms after the last page`;
}

/** The page as a person uses it, by its own controls; leaves a picture. */
export async function page({ page: tabOf, offerer, target, peer }) {
  const tab = await tabOf({ at: offerer === "server" ? "#server" : "", height: 960 });
  const text = (id) => tab.evaluate((id) => document.getElementById(id).textContent, id);
  await tab.evaluate(() => window.patchcord.link.opened);
  const near = offerer === "server" ? "The server offered" : "This browser offered";
  check((await text("status")).startsWith(`Connected. ${near}`), await text("status"));
  await until(3000, "no round trip is shown", async () => (await text("trip-now")) !== "–");

  for (const words of ["Hello, Patchcord.", "Is anybody there?", "It is only me, but twice."]) {
    await tab.evaluate(() => document.getElementById("text").focus());
    await tab.keyboard.type(words);
    await tab.keyboard.press("Enter");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await until(3000, "messages did not come back", () =>
    tab.evaluate(() => document.querySelectorAll("#log li.back").length === 3));

  await tab.click("#transfer button");
  await until(30_000, "the transfer did not end", async () => /Not a bit|failed/.test(await text("transfer-note")));
  check((await text("transfer-note")).includes("Not a bit changed"), await text("transfer-note"));
  check(await tab.evaluate(() => document.getElementById("progress").getAttribute("aria-valuenow") === "100"), "progress");
  await until(3000, "the details have no security", async () => (await text("details")).includes("DTLS 1."));
  const drawn = await tab.evaluate(() => ["rate-chart", "trip-chart"].map((id) => {
    const chart = document.getElementById(id);
    const { data } = chart.getContext("2d").getImageData(0, 0, chart.width, chart.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }));
  check(drawn.every((colours) => colours > 10), `the charts show ${drawn} colours`);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await tab.screenshot({ path: `${target}/page-${offerer}-offers.png`, fullPage: true });

  const id = await tab.evaluate(() => window.patchcord.link.id);
  await tab.click("#call");
  check((await text("status")) === "Disconnected.", await text("status"));
  check(await tab.evaluate(() => document.querySelector("#say button").disabled), "one can still send");
  await until(SOON, "the server has the peer still", async () => (await peer(id)).status === 404);
  check(tab.problems.length === 0, tab.problems.join("; "));
  return await text("transfer-note");
}

/** What fails is said in words. */
export async function words({ page: tabOf, offerer }) {
  const tab = await tabOf();
  const said = (answer) => tab.evaluate(async ({ answer, offerer }) => {
    window.fetch = async () => {
      if (!answer) throw new TypeError("Failed to fetch");
      return new Response(answer.body, { status: answer.status });
    };
    document.querySelector(`[name=offerer][value=${offerer}]`).checked = true;
    await window.patchcord.connect().catch(() => {});
    return document.getElementById("status").textContent;
  }, { answer, offerer });
  const table = [
    [undefined, "does not answer"],
    [{ status: 400, body: '{"error":"no ufrag"}' }, "The server refused: no ufrag."],
    [{ status: 502, body: "<h1>Bad gateway</h1>" }, "The server refused: it answered 502"],
    [{ status: 200, body: '{"type":"offer","sdp":"nonsense"}' }, "cannot take the server's description"],
  ];
  for (const [answer, expected] of table) {
    const status = await said(answer);
    check(status.includes(expected), `for ${answer?.body ?? "no server"} the page said: ${status}`);
  }
  return `${table.length} kinds of failure`;
}

/** Ctrl-C on the server: the page knows at once, and the program ends well. */
export async function stop({ page: tabOf, serve, offerer }) {
  const server = await serve();
  const tab = await tabOf({ url: server.url });
  await open(tab, offerer);
  const started = Date.now();
  server.signal("SIGINT");
  await until(SOON, "the browser's close events", () => tab.evaluate(() => Object.keys(window.test.closed).length === 3));
  const last = await tab.evaluate(() => Math.max(...Object.values(window.test.closed)));
  const code = await server.stopped;
  check(code === 0, `echo ended with ${code}`);
  return `known after ${last - started} ms, ended after ${Date.now() - started} ms`;
}

/** The server is silent for a while, then speaks again; then it is gone for good. */
export async function silence({ page: tabOf, serve, offerer, long }) {
  const server = await serve();
  const tab = await tabOf({ url: server.url });
  await open(tab, offerer);
  const state = () => tab.evaluate(() => window.test.link.state);
  server.signal("SIGSTOP");
  const silent = await until(40_000, "the silence goes unnoticed", async () => (await state()) === "troubled");
  server.signal("SIGCONT");
  const back = await until(15_000, "it is not connected again", async () => (await state()) === "connected");
  await others(tab);
  const note = `silence after ${(silent / 1000).toFixed(1)} s, back after ${(back / 1000).toFixed(1)} s`;
  if (!long) return note;
  server.signal("SIGKILL");
  const lost = await until(60_000, "the loss goes unnoticed", async () => (await state()) === "failed");
  const words = await tab.evaluate(() => window.test.link.words);
  check(words.startsWith("The connection is lost"), `the page said: ${words}`);
  return `${note}, lost after ${(lost / 1000).toFixed(1)} s`;
}

/** The page over HTTPS, and SHA-256 as this page computes it where the browser lends none. */
export async function tls({ page: tabOf, serve, offerer }) {
  const server = await serve("--tls");
  check(server.url.startsWith("https://"), server.url);
  const tab = await tabOf({ url: server.url });
  return tab.evaluate(async (offerer) => {
    const { test, patchcord } = window;
    const link = await test.dial({ offerer });
    await test.echo(link.channel, ["over HTTPS"]);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
      const bytes = new Uint8Array(test.bytes(length));
      const ours = Array.from(patchcord.sha256Here(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (ours !== (await patchcord.sha256(bytes))) throw new Error(`SHA-256 of ${length} bytes differs`);
    }
    return `open after ${Math.round(link.steps.open)} ms`;
  }, offerer);
}
