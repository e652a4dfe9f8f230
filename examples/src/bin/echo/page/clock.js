// A clock that a program can read: milliseconds as a row of black and white cells at the lower edge
// of a picture, wide enough to survive any codec. Read from what comes back, it tells how old it is.

const BITS = 16; // of milliseconds: a minute and five seconds until it begins again
const CELLS = BITS + 8; // and eight to check them by
const PART = 1 / 20; // of the picture's height
const GRAIN = 4; // pixels of our copy a cell

const now = () => Math.floor(performance.now()) % 2 ** BITS;
// Neither an all black nor an all white row passes.
const check = (time) => ((time ^ (time >> 8)) & 0xff) ^ 0x5a;

/** Paints the time of this moment. */
export function paintClock(pen, width, height) {
  const time = now();
  const word = (time << 8) | check(time);
  const top = height - Math.round(height * PART);
  const cell = width / CELLS;
  pen.fillStyle = "#000";
  pen.fillRect(0, top, width, height - top);
  pen.fillStyle = "#fff";
  for (let n = 0; n < CELLS; n += 1) {
    if ((word >> (CELLS - 1 - n)) & 1) pen.fillRect(n * cell, top, cell, height - top);
  }
}

/** Reads clocks out of a `<video>`. */
export class ClockReader {
  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = CELLS * GRAIN;
    canvas.height = GRAIN;
    this.pen = canvas.getContext("2d", { willReadFrequently: true });
  }

  /** Milliseconds since the frame now shown was painted; undefined if it has no legible clock. */
  age(video) {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width) return undefined;
    const { canvas } = this.pen;
    // The middle half of the row: its edges mix with the picture and with the end of it.
    const [top, tall] = [height * (1 - PART * 0.75), height * PART * 0.5];
    this.pen.drawImage(video, 0, top, width, tall, 0, 0, canvas.width, canvas.height);
    const { data } = this.pen.getImageData(0, 0, canvas.width, canvas.height);
    const row = (GRAIN / 2) * canvas.width;
    let word = 0;
    for (let n = 0; n < CELLS; n += 1) {
      const at = 4 * (row + n * GRAIN + GRAIN / 2);
      word = (word << 1) | (data[at] + data[at - 4] > 255 ? 1 : 0);
    }
    const time = word >> 8;
    if ((word & 0xff) !== check(time)) return undefined;
    return (now() - time + 2 ** BITS) % 2 ** BITS;
  }
}
