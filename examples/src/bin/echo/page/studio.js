// The card with the pictures: start and stop, codecs, muting, and the charts under it.

import { Chart } from "./chart.js";
import { ClockReader } from "./clock.js";
import { codecNames, spelled } from "./codecs.js";
import { Flow, pictureWords } from "./flow.js";
import { Media } from "./media.js";
import { openSource } from "./source.js";
import { duration, percent, rate } from "./words.js";

const KINDS = ["video", "audio"];
const LOOK = 500; // ms from one look at the statistics to the next
const READ = 100; // ms between two readings of the clock at least
const KEPT = 1000; // readings

const at = (id) => document.getElementById(id);
const chart = (id, colors, format, least) => new Chart(at(id), { colors, format, least });

export class Studio {
  /** Of the connection there is; null before the first start. */
  media = null;
  /** Being sent. */
  source = null;
  /** Milliseconds from painting a frame to having it back, the latest first known last. */
  ages = [];
  /** How many clocks were read. */
  read = 0;
  /** The latest report of the statistics. */
  report = {};
  #link = null;
  #starting = false;
  #flow = new Flow();
  #clock = new ClockReader();
  #charts = {
    rate: chart("media-rate", ["--accent", "--second"], rate, 1e5),
    loss: chart("media-loss", ["--accent", "--second"], percent, 0.01),
    trip: chart("media-trip", ["--accent"], duration, 5),
    age: chart("media-age", ["--accent"], duration, 50),
  };

  constructor() {
    this.form = at("media-controls");
    for (const kind of KINDS) {
      const names = codecNames(kind).map((name) => new Option(spelled(name), name));
      this.form.elements[kind].append(...names);
      this.form.elements[kind].addEventListener("change", () => this.#changeCodecs());
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      (this.source ? this.stop() : this.start()).catch(() => {});
    });
    for (const button of this.form.querySelectorAll("[data-mutes]")) {
      button.addEventListener("click", () => this.#toggle(button));
    }
    setInterval(() => this.look(), LOOK);
    this.#readClock();
    this.#show("idle");
  }

  /** What a server that offers is asked for: the codecs to put first. */
  get wish() {
    const codecs = Object.values(this.#codecs()).filter(Boolean);
    return this.source && codecs.length ? { codecs: codecs.join() } : {};
  }

  /** A connection begins: what is being sent is part of it from its first description. */
  prepare(link) {
    this.#link = link;
    this.media = null;
    if (this.source) this.#open();
  }

  /** It is connected, or no more. */
  connected(ready) {
    this.form.elements.start.disabled = !ready || this.#starting;
    if (!ready && this.#link?.over) this.#close();
  }

  async start() {
    this.#starting = true;
    this.form.elements.start.disabled = true;
    this.#show("starting", "Opening camera and microphone.");
    try {
      this.source = await openSource({ drawn: this.form.elements.drawn.checked });
      if (this.media) {
        this.media.prefer(this.#codecs());
        await this.media.join(this.source);
        this.#play();
      } else {
        this.#open();
      }
      await this.#link.renegotiate();
    } catch (error) {
      this.#close();
      this.#show("failed", error.message);
      throw error;
    } finally {
      this.#starting = false;
      this.connected(this.#link.state === "connected");
    }
  }

  async stop() {
    const { media } = this;
    this.#close();
    await media.leave();
    await this.#link.renegotiate();
  }

  #open() {
    this.media = new Media(this.#link.pc, this.source, this.#codecs());
    this.#play();
  }

  #play() {
    for (const button of this.form.querySelectorAll("[data-mutes]")) this.#toggle(button, true);
    this.#show("live", this.source.words);
    at("near-video").srcObject = new MediaStream([this.source.video]);
    const far = at("far-video");
    far.srcObject = this.media.far;
    far.play().catch(() => {
      // No sound before the first click: browsers want it so.
      this.#toggle(this.form.querySelector("[data-mutes=far]"), false);
      far.play().catch(() => {});
    });
  }

  #close() {
    if (!this.source) return;
    this.source.stop();
    this.source = null;
    for (const id of ["near-video", "far-video"]) at(id).srcObject = null;
    this.#show("idle");
  }

  #codecs() {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.form.elements[kind].value || undefined]));
  }

  async #changeCodecs() {
    if (!this.source || !this.media) return;
    try {
      this.media.prefer(this.#codecs());
      await this.#link.renegotiate();
    } catch (error) {
      at("media-note").textContent = error.message;
    }
  }

  /** on: undefined for the other state. */
  #toggle(button, on = button.getAttribute("aria-pressed") !== "true") {
    button.setAttribute("aria-pressed", on);
    if (button.dataset.mutes === "far") at("far-video").muted = !on;
    else this.media?.mute(button.dataset.mutes, on);
  }

  #show(state, words = "Your camera and microphone, sent to the server and back.") {
    at("media").dataset.state = state;
    at("media-note").textContent = words;
    this.form.elements.start.textContent = this.source ? "Stop" : "Start";
    for (const button of this.form.querySelectorAll("[data-mutes]")) button.disabled = !this.source;
    this.form.elements.drawn.disabled = Boolean(this.source);
  }

  /** Looks at the statistics and adds to the charts. */
  async look() {
    const link = this.#link;
    if (!this.source || !link?.pc || link.over) return;
    const report = await this.#flow.look(link.pc);
    this.report = report;
    const { out, back, lossOut, lossBack, trip } = report;
    this.#charts.rate.add(back, out);
    this.#charts.loss.add(lossBack, lossOut);
    this.#charts.trip.add(trip);
    this.#charts.age.add(this.ages.at(-1));
    at("media-rate-now").textContent = rate(back ?? 0);
    at("media-loss-now").textContent = percent(lossBack ?? 0);
    at("media-trip-now").textContent = duration(trip);
    at("media-age-now").textContent = duration(this.ages.at(-1));
    at("near-note").textContent = pictureWords(report.sent.video);
    at("far-note").textContent = pictureWords(report.received.video);
  }

  /** Reads the clock of what came back, for each frame or, in browsers that tell of none, often. */
  #readClock(last = 0) {
    const far = at("far-video");
    const now = performance.now();
    if (this.source && now - last >= READ) {
      const age = this.#clock.age(far);
      if (age !== undefined) {
        this.ages.push(age);
        this.read += 1;
      }
      if (this.ages.length > KEPT) this.ages.shift();
      last = now;
    }
    const again = () => this.#readClock(last);
    if (far.requestVideoFrameCallback && this.source) far.requestVideoFrameCallback(again);
    else setTimeout(again, READ);
  }
}
