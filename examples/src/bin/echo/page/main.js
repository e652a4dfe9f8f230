// The page: joins its parts to one connection at a time.

import { Chart } from "./chart.js";
import { codecNames } from "./codecs.js";
import { detailRows, ends, pathStats, showRows } from "./details.js";
import { Link } from "./link.js";
import { Media } from "./media.js";
import { Messages } from "./messages.js";
import { startPulse } from "./pulse.js";
import { sha256, sha256Here } from "./sha256.js";
import { openSource } from "./source.js";
import { Studio } from "./studio.js";
import { transfer } from "./transfer.js";
import { duration, rate, size } from "./words.js";

const at = (id) => document.getElementById(id);
const buttons = document.querySelectorAll("#say button, #transfer button, #text");
const messages = new Messages(at("log"));
const studio = new Studio();
const rateChart = new Chart(at("rate-chart"), { colors: ["--accent", "--second"], format: rate, least: 1e6 });
const tripChart = new Chart(at("trip-chart"), { colors: ["--accent"], format: duration, least: 5 });
let link = null;
let busy = false;
const moved = { out: 0, back: 0, since: performance.now() };

const offerer = () => at("controls").elements.offerer.value;

function connect() {
  // Forgotten before it is closed: its end is not the page's, and camera and microphone stay open.
  const before = link;
  link = null;
  before?.close();
  const mine = new Link({
    offerer: offerer(), query: studio.wish, prepare: (pc, of) => studio.prepare(of),
  });
  link = mine;
  mine.addEventListener("change", () => mine === link && show());
  mine.opened.then(() => {
    messages.attach(mine.channel);
    startPulse(mine.pc, (ms) => mine === link && showTrip(ms));
    show();
  }, () => {});
  show();
  return mine.opened;
}

function show() {
  const { state, words, over } = link;
  at("cord").dataset.state = state;
  at("status").textContent = words;
  at("call").textContent = over ? "Connect" : "Disconnect";
  enable();
  if (over) at("trip-now").textContent = "–";
  refreshDetails();
}

function enable() {
  const ready = link?.state === "connected";
  studio.connected(ready);
  for (const control of buttons) {
    control.disabled = !ready || (busy && control.form?.id === "transfer");
  }
}

function showTrip(ms) {
  at("trip-now").textContent = duration(ms);
  at("trip-chart").setAttribute("aria-label", `Round-trip time of the last minute, now ${duration(ms)}`);
  tripChart.add(ms);
}

async function refreshDetails() {
  const of = link;
  if (!of?.pc || of.over) return;
  const rows = await detailRows(of);
  if (of !== link) return;
  const { near, far } = ends(rows);
  at("near").textContent = near || "\u00a0";
  at("far").textContent = far || "\u00a0";
  showRows(at("details"), rows);
}

async function sampleRate() {
  if (!link?.pc || link.over) return;
  const { out, back } = await pathStats(link.pc);
  const now = performance.now();
  // Another connection counts from its own beginning.
  const bits = (bytes) => Math.max(0, (bytes * 8000) / (now - moved.since));
  const [outRate, backRate] = [bits(out - moved.out), bits(back - moved.back)];
  Object.assign(moved, { out, back, since: now });
  rateChart.add(backRate, outRate);
  at("rate-in").textContent = rate(backRate);
  at("rate-out").textContent = rate(outRate);
  at("rate-chart").setAttribute("aria-label", `Throughput of the last minute, now ${rate(outRate)} out and ${rate(backRate)} back`);
}

async function runTransfer(bytes) {
  busy = true;
  enable();
  note("", `${size(bytes)} are on the way.`);
  at("digest").hidden = true;
  try {
    const result = await transfer(link.pc, bytes, (out, back) => showProgress(out / bytes, back / bytes));
    const speed = rate((bytes * 8) / result.seconds);
    if (!result.equal) throw new Error("what came back has another SHA-256 than what was sent");
    note("good", `${size(bytes)} there and back in ${duration(result.seconds * 1000)}, ${speed} each way. Not a bit changed.`);
    at("digest").textContent = `SHA-256 ${result.back}`;
    at("digest").hidden = false;
    return result;
  } catch (error) {
    note("bad", `The transfer failed: ${error.message}.`);
    throw error;
  } finally {
    busy = false;
    enable();
  }
}

function showProgress(out, back) {
  const bar = at("progress");
  bar.children[0].style.setProperty("--part", out);
  bar.children[1].style.setProperty("--part", back);
  bar.setAttribute("aria-valuenow", Math.round(back * 100));
}

function note(kind, words) {
  at("transfer-note").className = `note ${kind}`;
  at("transfer-note").textContent = words;
}

at("say").addEventListener("submit", (event) => {
  event.preventDefault();
  messages.send(at("text").value).catch(() => {});
  at("text").value = "";
  at("text").focus();
});
at("transfer").addEventListener("submit", (event) => {
  event.preventDefault();
  runTransfer(Number(at("size").value)).catch(() => {});
});
at("call").addEventListener("click", () => (link && !link.over ? link.close() : connect().catch(() => {})));
at("controls").addEventListener("change", () => {
  // Kept in the address, so that a reload, or a link, asks for the same.
  history.replaceState(null, "", offerer() === "server" ? "#server" : "#");
  connect().catch(() => {});
});

// Back from the browser's cache of pages: hung up when it went.
addEventListener("pageshow", ({ persisted }) => persisted && connect().catch(() => {}));

setInterval(sampleRate, 250);
setInterval(refreshDetails, 1000);

/** For tests and for the curious at the console. */
window.patchcord = {
  Link, Media, openSource, codecNames, studio, sha256, sha256Here, transfer, connect, runTransfer,
  send: (text) => messages.send(text),
  get link() { return link; },
};

// `/#server`: the server offers; `/#idle`: wait for the button.
if (location.hash === "#server") at("controls").elements.offerer.value = "server";
if (location.hash === "#idle") at("status").textContent = "Not connected.";
else connect().catch(() => {});
