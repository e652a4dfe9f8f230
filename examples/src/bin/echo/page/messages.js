// The message box: what is said comes back, with its round-trip time.

import { duration } from "./words.js";

const KEPT = 200; // lines

export class Messages {
  /** Sent and not yet returned, oldest first: the channel keeps the order. */
  #waiting = [];

  constructor(log) {
    this.log = log;
  }

  /** From now on everything goes over `channel`. */
  attach(channel) {
    this.channel = channel;
    this.#waiting = [];
    channel.addEventListener("message", ({ data }) => this.#returned(data));
    channel.addEventListener("close", () => this.#lost());
  }

  /** Resolves with the round-trip time in milliseconds once the same text is back. */
  send(text) {
    this.channel.send(text);
    const item = this.#show(text);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, item, sent: performance.now(), resolve, reject });
    });
  }

  #returned(data) {
    const entry = this.#waiting.shift();
    if (!entry) return;
    const time = performance.now() - entry.sent;
    if (data !== entry.text) {
      this.#mark(entry.item, "lost", "came back changed");
      entry.reject(new Error("a message came back changed"));
      return;
    }
    this.#mark(entry.item, "back", `back in ${duration(time)}`);
    entry.resolve(time);
  }

  #lost() {
    for (const { item, reject } of this.#waiting.splice(0)) {
      this.#mark(item, "lost", "did not come back");
      reject(new Error("the channel closed before the message came back"));
    }
  }

  #show(text) {
    const item = document.createElement("li");
    const said = document.createElement("span");
    said.textContent = text === "" ? "(an empty message)" : text;
    item.append(said, document.createElement("time"));
    this.log.querySelector(".hint")?.remove();
    this.log.append(item);
    while (this.log.childElementCount > KEPT) this.log.firstElementChild.remove();
    this.#mark(item, "away", "on its way");
    this.log.scrollTop = this.log.scrollHeight;
    return item;
  }

  #mark(item, state, words) {
    item.className = state;
    item.lastElementChild.textContent = words;
  }
}
