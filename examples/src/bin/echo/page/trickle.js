// Candidates both ways, each as soon as it is known: who waits for the last one waits for servers
// that never answer.

import { askCandidates, tellCandidates } from "./signal.js";

export class Trickle {
  #pc;
  #id;
  #ours = [];
  #telling = false;
  #stopped = new AbortController();

  /** Keeps what `pc` finds until there is somebody to tell. */
  constructor(pc) {
    this.#pc = pc;
    pc.addEventListener("icecandidate", ({ candidate }) => {
      // Without text, Chromium means one section; null is the end of all.
      if (candidate && !candidate.candidate) return;
      this.#ours.push(candidate ?? { candidate: "" });
      this.#tell();
    });
  }

  /** Both descriptions are there; `id`: who we are at the server. */
  begin(id) {
    this.#id = id;
    this.#tell();
    this.#hear();
  }

  stop() {
    this.#stopped.abort();
  }

  /** What came during a request goes with the next one. */
  async #tell() {
    if (this.#id === undefined || this.#telling) return;
    this.#telling = true;
    try {
      while (this.#ours.length > 0 && !this.#stopped.signal.aborted) {
        await tellCandidates(this.#id, this.#ours.splice(0));
      }
    } catch {
      // A path may be found without.
    }
    this.#telling = false;
  }

  async #hear() {
    let known = 0;
    try {
      while (!this.#stopped.signal.aborted) {
        const more = await askCandidates(this.#id, known, this.#stopped.signal);
        known += more.length;
        for (const candidate of more) {
          if (!candidate.candidate) return;
          await this.#pc.addIceCandidate(candidate);
        }
      }
    } catch {
      // A path may be found without.
    }
  }
}
