// The cases with picture and sound, by name, as those of cases.mjs.

import { through } from "./relay.mjs";
import { frames, steady } from "./steady.mjs";
import { check, until } from "./tools.mjs";

/** Picture and sound from the first description on. */
export async function media({ page, offerer, video, audio, seconds = 4 }) {
  const tab = await page();
  await tab.evaluate((wanted) => window.test.call(wanted), { offerer, video, audio });
  const first = await tab.evaluate(() => window.test.flowing());
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const counts = await tab.evaluate((seconds) => window.test.watch_media(seconds), seconds);
  const flow = steady(counts);
  const { out, back, size, delay, ages } = await tab.evaluate(() => window.test.facts());
  for (const [kind, name] of Object.entries({ video, audio })) {
    if (!name) continue;
    check(out[kind] === name, `${kind} is sent as ${out[kind]}, not as ${name}`);
    check(back[kind] === name, `${kind} comes back as ${back[kind]}, not as ${name}`);
  }
  check(ages > 10, `the clock in the picture was legible ${ages} times`);
  check(tab.problems.length === 0, tab.problems.join("; "));
  return `${back.video} ${size}, ${back.audio}: ${frames(flow)} in ${seconds} s, ${flow.rate.toFixed(2)} Mbit/s, `
    + `first after ${Math.round(first)} ms, delay ${delay} ms`;
}

/** Ten seconds in a codec of each kind. */
export const codecs = (context) => media({ ...context, seconds: 10 });

/** The bitrate rises as far as the picture wants it: the reports of what has arrived are believed. */
export async function ramp({ page, offerer }) {
  const tab = await page();
  await tab.evaluate((wanted) => window.test.call(wanted), { offerer, video: "VP8" });
  await tab.evaluate(() => window.test.flowing());
  const rates = [];
  const ms = await until(25_000, "the bitrate did not reach 1 Mbit/s", async () => {
    const counts = await tab.evaluate(() => window.test.watch_media(1));
    rates.push(((counts[1].bytes - counts[0].bytes) * 8e-3) / (counts[1].time - counts[0].time));
    return rates.at(-1) > 1;
  });
  const { size, width } = await tab.evaluate(() => window.test.facts());
  check(width >= 640, `the picture is ${size}`);
  return `${rates.map((rate) => rate.toFixed(1)).join(" ")} Mbit/s at ${size}, over 1 after ${(ms / 1000).toFixed(0)} s`;
}

/** Tracks that come and go while data flows: new sections, emptied ones, and used ones again. */
export async function tracks({ page, offerer }) {
  const tab = await page();
  await tab.evaluate(async (offerer) => {
    const { test, patchcord: { studio } } = window;
    await test.connect(offerer);
    await test.echo(test.link.channel, ["before"]);
    studio.source = await test.source();
    studio.prepare(test.link);
    await test.link.renegotiate();
    await test.flowing();
    await test.echo(test.link.channel, ["with picture and sound"]);
  }, offerer);

  // Without picture, the sound goes on.
  const still = await tab.evaluate(async () => {
    const { test, patchcord: { studio } } = window;
    const { video } = studio.media.lines;
    video.direction = "inactive";
    await video.sender.replaceTrack(null);
    await test.link.renegotiate();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [before, after] = await test.watch_media(1);
    return { frames: after.decoded - before.decoded, loud: after.energy > before.energy, direction: video.currentDirection };
  });
  check(still.frames === 0, `${still.frames} frames came although none were sent`);
  check(still.loud, "the sound went with the picture");
  check(still.direction === "inactive", `the section is ${still.direction}`);

  // The picture again, and a second one beside it.
  const sections = await tab.evaluate(async () => {
    const { test, patchcord: { studio } } = window;
    const { pc } = test.link;
    const { video } = studio.media.lines;
    await video.sender.replaceTrack(studio.source.video);
    video.direction = "sendrecv";
    test.second = pc.addTrack(studio.source.video.clone());
    await test.link.renegotiate();
    await test.flowing();
    const line = pc.getTransceivers().find(({ sender }) => sender === test.second);
    test.decoded = async () => {
      const stats = [...(await line.receiver.getStats()).values()];
      return stats.find(({ type }) => type === "inbound-rtp")?.framesDecoded ?? 0;
    };
    return pc.getTransceivers().length;
  });
  await until(8000, "the second picture did not come back", () => tab.evaluate(async () => (await window.test.decoded()) > 10));
  await tab.evaluate(async () => {
    const { test } = window;
    test.link.pc.removeTrack(test.second);
    await test.link.renegotiate();
    await test.flowing();
    await test.echo(test.link.channel, ["after"]);
  });
  return `${sections} sections, four times negotiated, data all the while`;
}

/** What is muted comes back black and silent, and then as before. */
export async function mute({ page, offerer }) {
  const tab = await page();
  await tab.evaluate((wanted) => window.test.call(wanted), { offerer });
  await tab.evaluate(() => window.test.flowing());
  const bright = () => tab.evaluate(() => window.test.brightness());
  const loud = () => tab.evaluate(() => window.test.loudness());
  const click = (kind) => tab.evaluate((kind) => document.querySelector(`[data-mutes=${kind}]`).click(), kind);

  await until(3000, "the picture is dark", async () => (await bright()) > 60);
  const before = { light: await bright(), energy: await loud() };
  const count = () => tab.evaluate(() => window.test.count());
  await click("video");
  await click("audio");
  const dark = await until(3000, "the muted camera is still seen", async () => (await bright()) < 25);
  await until(5000, "the muted microphone is still heard", async () => (await loud()) < before.energy / 20);
  const [packets, muted] = [(await count()).packets, await bright()];
  check(muted < 25, `the muted picture has brightness ${muted.toFixed(0)}`);
  await click("video");
  await click("audio");
  await until(3000, "the camera is not seen again", async () => (await bright()) > before.light / 2);
  await until(5000, "the microphone is not heard again", async () => (await loud()) > before.energy / 4);
  check((await count()).packets > packets, "no sound arrives");
  return `brightness ${before.light.toFixed(0)} to ${muted.toFixed(0)} within ${Math.round(dark)} ms, and back`;
}

/** One datagram of twenty is lost, each way: what is missing is asked for and sent again. */
export async function loss(context) {
  const { page, offerer, browser } = context;
  const tab = await page();
  const between = await through(tab, context, 0.05);
  await tab.evaluate((wanted) => window.test.call(wanted), { offerer, video: "VP8", audio: "opus" });
  await tab.evaluate(() => window.test.flowing(15_000));
  const counts = await tab.evaluate(() => window.test.watch_media(8));
  const [first, last] = [counts[0], counts.at(-1)];
  const more = (field) => last[field] - first[field];
  const { count: { lost, carried } } = between;
  check(lost > carried * 0.02, `the relay lost ${lost} of ${lost + carried}`);
  check(more("repeatedOut") > 0, "the server never asked the browser to repeat a packet");
  check(more("nacksOut") > 0, "the browser missed nothing");
  // Firefox does not count what was repeated for it.
  if (browser === "chromium") check(more("repeatedBack") > 0, "the server repeated nothing for the browser");
  check(more("decoded") >= more("sent") * 0.6, `${more("decoded")} of ${more("sent")} frames came back`);
  check(counts.slice(1).every((count, n) => count.energy > counts[n].energy), "the sound broke off");
  return `${more("decoded")} of ${more("sent")} frames decoded, ${lost} datagrams lost; `
    + `repeated ${more("repeatedOut")} out, ${more("repeatedBack")} back`;
}

/** The page in a call, by its own controls: camera, test picture, another codec; leaves a picture. */
export async function studio({ page: tabOf, offerer, target }) {
  const tab = await tabOf({ at: offerer === "server" ? "#server" : "", height: 1300 });
  const text = (id) => tab.evaluate((id) => document.getElementById(id).textContent, id);
  const press = (name) => tab.click(`#media-controls [name=${name}]`);
  await tab.evaluate(() => window.patchcord.link.opened.then(() => true));
  await tab.evaluate(() => { window.test.link = window.patchcord.link; });

  await press("start");
  await until(10_000, "the camera did not start", async () => (await text("media-note")).startsWith("Your camera"));
  await tab.evaluate(() => window.test.flowing());
  await press("start");
  await until(3000, "it did not stop", async () => (await tab.evaluate(() => window.patchcord.studio.source)) === null);
  await tab.evaluate(() => document.querySelector("#media-controls [name=drawn]").click());
  await until(3000, "it cannot be started again", () =>
    tab.evaluate(() => !document.querySelector("#media-controls [name=start]").disabled));
  await press("start");
  await until(10_000, "the test picture did not come back", () => tab.evaluate(() => window.test.brightness() > 60));
  await tab.evaluate(() => {
    const { video } = document.getElementById("media-controls").elements;
    video.value = "VP9";
    video.dispatchEvent(new Event("change"));
  });
  await until(10_000, "VP9 did not come back", async () => (await text("far-note")).includes("VP9"));
  await tab.evaluate(() => {
    const { video } = document.getElementById("media-controls").elements;
    video.value = "VP8";
    video.dispatchEvent(new Event("change"));
  });
  await until(10_000, "VP8 did not come back", async () => (await text("far-note")).includes("VP8"));
  for (const words of ["Hello, Patchcord.", "I can see myself."]) {
    await tab.evaluate((words) => window.patchcord.send(words), words);
  }
  await until(20_000, "the picture stayed small", async () => /^[69]\d\d ×/.test(await text("far-note")));
  await until(3000, "no delay is shown", async () => (await text("media-age-now")) !== "–");
  // The charts get something to show.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await tab.screenshot({ path: `${target}/call-${offerer}-offers.png`, fullPage: true });
  check(tab.problems.length === 0, tab.problems.join("; "));
  return `camera, test picture, VP9, VP8; ${await text("far-note")}, delay ${await text("media-age-now")}`;
}
