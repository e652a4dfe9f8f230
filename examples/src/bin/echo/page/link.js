// One connection to the server, from the first request to the reason why it ended.

import { sendAnotherOffer, sendAnswer, sendOffer, takeOffer } from "./signal.js";
import { Trickle } from "./trickle.js";
import { connectedWords, failureWords, lossWords } from "./words.js";

const CONNECTING_LIMIT = 20_000; // ms

/**
 * States: connecting, connected, troubled (nothing heard for a while), failed, closed.
 * Each change is a `change` event; `words` says in a sentence what is going on.
 */
export class Link extends EventTarget {
  state = "connecting";
  words = "Looking for a way to the server.";
  /** Milliseconds from the start to each step. */
  steps = {};
  id = null;
  channel = null;
  #negotiated = Promise.resolve();
  #trickle;

  /**
   * offerer: "browser" or "server"; config: RTCConfiguration; init: of the first channel when we offer;
   * negotiated: ids agreed with the server beforehand; query: what the server shall offer;
   * prepare(pc, link): runs before the offer is made or taken.
   */
  constructor({ offerer = "browser", config = {}, init = {}, negotiated, query, prepare } = {}) {
    super();
    this.offerer = offerer;
    this.started = performance.now();
    if (!window.RTCPeerConnection) {
      this.#end("failed", "This browser has no WebRTC, or it is switched off.");
      return;
    }
    this.pc = new RTCPeerConnection(config);
    this.#trickle = new Trickle(this.pc);
    this.pc.addEventListener("connectionstatechange", () => this.#transportChanged());
    this.pc.addEventListener("datachannel", ({ channel }) => this.channel ?? this.#adopt(channel));
    this.timer = setTimeout(() => this.#fail(), CONNECTING_LIMIT);
    // A page that goes away hangs up, so that the server need not wait until it hears no more.
    addEventListener("pagehide", () => this.close());
    prepare?.(this.pc, this);
    if (offerer === "browser") this.#adopt(this.pc.createDataChannel("echo", init));
    const signalled = offerer === "browser" ? this.#offer(negotiated) : this.#answer(query);
    signalled.catch((error) => this.#end("failed", error.message));
  }

  /** Resolves with this link once its first channel is open, rejects with the words of the failure. */
  get opened() {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.state === "connected") resolve(this);
        if (this.over) reject(new Error(this.words));
      };
      this.addEventListener("change", look);
      look();
    });
  }

  get over() {
    return this.state === "failed" || this.state === "closed";
  }

  /** Hangs up: the server learns it at once. */
  close(words = "Disconnected.") {
    if (!this.over) this.#end("closed", words);
  }

  /**
   * Tells the server what has changed about the media, and takes its answer; one after the other.
   * Rejects, with everything as it was agreed before, if the server refuses.
   */
  renegotiate() {
    const next = this.#negotiated.then(() => this.opened).then(() => this.#offerAgain());
    this.#negotiated = next.catch(() => {});
    return next;
  }

  async #offerAgain() {
    await this.pc.setLocalDescription();
    try {
      const { type, sdp } = await sendAnotherOffer(this.id, this.pc.localDescription);
      await this.#describe({ type, sdp });
    } catch (error) {
      if (!this.over) await this.pc.setLocalDescription({ type: "rollback" }).catch(() => {});
      throw error;
    }
  }

  async #offer(negotiated) {
    await this.pc.setLocalDescription();
    const answer = await sendOffer(this.pc.localDescription, negotiated);
    this.id = answer.id;
    this.#step("signalled");
    await this.#describe({ type: answer.type, sdp: answer.sdp });
    this.#trickle.begin(this.id);
  }

  async #answer(query) {
    const { id, type, sdp } = await takeOffer(query);
    this.id = id;
    await this.#describe({ type, sdp });
    await this.pc.setLocalDescription();
    await sendAnswer(id, this.pc.localDescription);
    this.#step("signalled");
    this.#trickle.begin(id);
  }

  async #describe(description) {
    if (this.over) return;
    try {
      await this.pc.setRemoteDescription(description);
    } catch (error) {
      throw new Error(`This browser cannot take the server's description: ${error.message}`);
    }
  }

  #adopt(channel) {
    this.channel = channel;
    channel.binaryType = "arraybuffer";
    const opened = () => {
      this.#step("open");
      clearTimeout(this.timer);
      this.#change("connected", connectedWords(this));
    };
    if (channel.readyState === "open") opened();
    else channel.addEventListener("open", opened);
    channel.addEventListener("close", () => this.#end("closed", lossWords(this)));
  }

  #transportChanged() {
    const now = this.pc.connectionState;
    if (now === "connected") {
      this.#step("secured");
      if (this.state === "troubled") this.#change("connected", connectedWords(this));
    }
    if (now === "disconnected" && this.state === "connected") {
      this.#change("troubled", "Nothing has been heard from the server for a few seconds. Waiting.");
    }
    if (now === "failed") this.#fail();
  }

  #fail() {
    this.#end("failed", failureWords(this));
  }

  #step(name) {
    this.steps[name] ??= performance.now() - this.started;
  }

  #end(state, words) {
    if (this.over) return;
    clearTimeout(this.timer);
    this.#trickle?.stop();
    this.#change(state, words);
    this.pc?.close();
  }

  #change(state, words) {
    if (this.over) return;
    this.state = state;
    this.words = words;
    this.dispatchEvent(new Event("change"));
  }
}
