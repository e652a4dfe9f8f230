// Functions that run inside the page and look at picture and sound; they join those of inside.mjs.

export function functions(patchcord) {
  const { studio } = patchcord;
  const form = document.getElementById("media-controls");
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const far = document.getElementById("far-video");
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 12 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  return {
    /** The drawn picture, and a tone: the browser's own fake one where there is nothing to play to. */
    async source() {
      const source = await patchcord.openSource({ drawn: true });
      const context = new AudioContext();
      await Promise.race([context.resume(), pause(500)]);
      if (context.state !== "running") {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        [source.audio] = stream.getAudioTracks();
      }
      context.close();
      return source;
    },

    /** A call whose first description has picture and sound, shown in the page. */
    async call({ offerer, video, audio }) {
      for (const [kind, name] of Object.entries({ video, audio })) {
        form.elements[kind].value = name ?? "";
        if (name && form.elements[kind].value !== name) throw new Error(`this browser has no ${name}`);
      }
      studio.source = await this.source();
      await this.connect(offerer);
    },

    /** Connects as the page does. */
    async connect(offerer) {
      document.querySelector(`[name=offerer][value=${offerer}]`).checked = true;
      await patchcord.connect();
      this.link = patchcord.link;
    },

    /** All descriptions of this page go through the relay: its address instead of all others. */
    through({ address, port }) {
      const real = window.fetch;
      const without = (sdp) => sdp.replace(/a=candidate:.*\r\n/g, "");
      const candidate = `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host\r\n`;
      const relayed = (sdp) => without(sdp).replaceAll(/a=ice-ufrag:/g, `${candidate}a=ice-ufrag:`);
      window.fetch = async (path, options = {}) => {
        // Neither side learns of another way.
        if (path.endsWith("/candidates")) return new Response(null, { status: 204 });
        if (path.includes("/candidates?")) return Response.json([{ candidate: "" }]);
        if (options.body) {
          const body = JSON.parse(options.body);
          options = { ...options, body: JSON.stringify({ ...body, sdp: without(body.sdp) }) };
        }
        const response = await real(path, options);
        if (!response.ok || response.status === 204) return response;
        const body = await response.json();
        return Response.json(body.sdp ? { ...body, sdp: relayed(body.sdp) } : body);
      };
    },

    /** What the statistics of the call count, all streams of a kind together. */
    async count() {
      const all = [...(await this.link.pc.getStats()).values()];
      const sum = (type, kind, field) => all
        .filter((s) => s.type === type && (s.kind ?? s.mediaType) === kind)
        .reduce((total, s) => total + (s[field] ?? 0), 0);
      return {
        time: performance.now(),
        sent: sum("outbound-rtp", "video", "framesSent") || sum("outbound-rtp", "video", "framesEncoded"),
        decoded: sum("inbound-rtp", "video", "framesDecoded"),
        freezes: sum("inbound-rtp", "video", "freezeCount"),
        keyframes: sum("inbound-rtp", "video", "keyFramesDecoded"),
        energy: sum("inbound-rtp", "audio", "totalAudioEnergy"),
        packets: sum("inbound-rtp", "audio", "packetsReceived"),
        bytes: sum("inbound-rtp", "video", "bytesReceived"),
        repeatedOut: sum("outbound-rtp", "video", "retransmittedPacketsSent"),
        repeatedBack: sum("inbound-rtp", "video", "retransmittedPacketsReceived"),
        nacksOut: sum("inbound-rtp", "video", "nackCount"),
        nacksBack: sum("outbound-rtp", "video", "nackCount"),
      };
    },

    /** Waits until pictures are decoded and shown, and sound is back, at most `limit` ms. */
    async flowing(limit = 8000) {
      const started = performance.now();
      const first = { ...await this.count(), shown: studio.read };
      for (;;) {
        await pause(100);
        const { decoded, energy } = await this.count();
        const none = [
          decoded < first.decoded + 5 && "picture",
          studio.read < first.shown + 2 && "clock in the picture",
          energy === first.energy && "sound",
        ].filter(Boolean);
        const ms = performance.now() - started;
        if (!none.length) return ms;
        if (ms > limit) throw new Error(`no ${none.join(" and no ")} came back in ${limit} ms`);
      }
    },

    /** Counts once a second, `seconds` times and once before. */
    async watch_media(seconds) {
      const counts = [await this.count()];
      const started = performance.now();
      for (let n = 1; n <= seconds; n += 1) {
        await pause(started + n * 1000 - performance.now());
        counts.push(await this.count());
      }
      return counts;
    },

    /** Codecs in use, size of the picture, median delay by its clock. */
    async facts() {
      await studio.look();
      const { sent, received } = studio.report;
      const ages = [...studio.ages].sort((a, b) => a - b);
      return {
        out: { video: sent.video?.codec, audio: sent.audio?.codec },
        back: { video: received.video?.codec, audio: received.audio?.codec },
        size: `${received.video?.frameWidth}x${received.video?.frameHeight}`,
        width: received.video?.frameWidth,
        delay: ages[Math.floor(ages.length / 2)],
        ages: ages.length,
      };
    },

    /** 0 to 255: how bright the picture is that came back. */
    brightness() {
      pen.drawImage(far, 0, 0, canvas.width, canvas.height);
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value, at) => (at % 4 === 1 ? sum + value : sum), 0) / (data.length / 4);
    },

    /** How loud it is that comes back: energy a second. */
    async loudness(ms = 1000) {
      const before = await this.count();
      await pause(ms);
      const after = await this.count();
      return ((after.energy - before.energy) * 1000) / (after.time - before.time);
    },
  };
}
