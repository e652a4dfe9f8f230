// Picture and sound of one connection: what is sent, what comes back, and with which codecs.

import { prefer } from "./codecs.js";

const KINDS = ["audio", "video"];

/**
 * The two media sections of `pc`. Made before the first offer or answer they are part of it;
 * later, `link.renegotiate()` makes them known.
 */
export class Media {
  /** One transceiver a kind. */
  lines = {};
  /** What comes back. */
  far = new MediaStream();

  /** source: of openSource(); codecs: `{ video, audio }`, names, or undefined for any. */
  constructor(pc, source, codecs = {}) {
    this.pc = pc;
    for (const kind of KINDS) this.#join(kind, source[kind]);
    this.prefer(codecs);
    // The order matters to some: first everything is there, then it is shown.
    for (const kind of KINDS) this.far.addTrack(this.lines[kind].receiver.track);
  }

  /** From the next negotiation on. */
  prefer(codecs) {
    for (const kind of KINDS) prefer(this.lines[kind], kind, codecs[kind]);
  }

  /** Another source, after `leave()`. */
  async join(source) {
    for (const kind of KINDS) {
      await this.lines[kind].sender.replaceTrack(source[kind]);
      this.lines[kind].direction = "sendrecv";
    }
  }

  /** Nothing is sent any more, nor wanted; the sections stay for the next time. */
  async leave() {
    for (const line of Object.values(this.lines)) {
      line.direction = "inactive";
      await line.sender.replaceTrack(null);
    }
  }

  /** Sends black, or silence, while `on` is false. */
  mute(kind, on) {
    const { track } = this.lines[kind].sender;
    if (track) track.enabled = on;
  }

  #join(kind, track) {
    // addTrack takes the section that the server has offered, if there is one.
    const sender = this.pc.addTrack(track);
    this.lines[kind] = this.pc.getTransceivers().find((line) => line.sender === sender);
  }
}
