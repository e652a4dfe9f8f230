// Functions that run inside the page; `patchcord` is the page's own hook.

export function functions(patchcord) {
  // indexedDB.cmp compares bytes without a loop of ours.
  const same = (a, b) =>
    typeof a === "string" || typeof b === "string"
      ? a === b
      : a.byteLength === b.byteLength && indexedDB.cmp(a, b) === 0;
  const size = (data) => (typeof data === "string" ? `${data.length} characters` : `${data.byteLength} bytes`);
  const next = (channel) => new Promise((resolve, reject) => {
    channel.addEventListener("message", ({ data }) => resolve(data), { once: true });
    channel.addEventListener("close", () => reject(new Error(`${channel.label} closed`)), { once: true });
  });
  const opened = (channel) => new Promise((resolve, reject) => {
    channel.binaryType = "arraybuffer";
    if (channel.readyState === "open") resolve(channel);
    channel.addEventListener("open", () => resolve(channel));
    channel.addEventListener("close", () => reject(new Error(`${channel.label} closed`)));
  });
  const bytes = (length) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255).buffer;

  return {
    same, opened, bytes,

    /** Sends each of `all` in order and compares what returns, in order. */
    async echo(channel, all) {
      for (const data of all) {
        const answer = next(channel);
        channel.send(data);
        const back = await answer;
        if (!same(data, back)) throw new Error(`${size(data)} came back as ${size(back)}, changed`);
      }
    },

    /** Sends all of `all` at once; the same must return in the same order. */
    burst(channel, all) {
      return new Promise((resolve, reject) => {
        let back = 0;
        channel.addEventListener("message", ({ data }) => {
          if (!same(all[back], data)) reject(new Error(`${channel.label}: message ${back} is not what was sent`));
          back += 1;
          if (back === all.length) resolve();
        });
        channel.addEventListener("close", () => reject(new Error(`${channel.label} closed`)));
        for (const data of all) channel.send(data);
      });
    },

    /** An open connection; it stays in `test.link`. */
    async dial(options) {
      this.link = new patchcord.Link(options);
      await this.link.opened;
      return this.link;
    },

    /** Further open channels of the connection. */
    more(inits) {
      return Promise.all(inits.map(([label, init]) => opened(this.link.pc.createDataChannel(label, init))));
    },

    /** Notes when each of `channels` closes, by `Date.now()`; `test.closed` has the times by label. */
    watch(channels) {
      this.closed = {};
      for (const channel of channels) {
        channel.addEventListener("close", () => { this.closed[channel.label] = Date.now(); });
      }
    },
  };
}
