// A line chart of the last minute, drawn on a canvas.

const SPAN = 60_000; // ms shown
const EDGE = { left: 2, right: 2, top: 14, bottom: 18 };
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Chart {
  #points = []; // [time, value, value…]
  #top;
  #drawing = false;

  /** colors: CSS variables, one a series; format: value to text; least: lowest top of the scale. */
  constructor(canvas, { colors, format, least }) {
    Object.assign(this, { canvas, colors, format, least });
    this.#top = least;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** One value a series; undefined leaves a gap. */
  add(...values) {
    const now = performance.now();
    this.#points.push([now, ...values]);
    while (this.#points[0][0] < now - SPAN - 2000) this.#points.shift();
    if (still.matches) this.#draw();
    else this.#run();
  }

  /** Draws each frame while there is something that moves. */
  #run() {
    if (this.#drawing) return;
    this.#drawing = true;
    const frame = () => {
      this.#draw();
      this.#drawing = performance.now() - this.#points.at(-1)[0] < SPAN;
      if (this.#drawing) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #draw() {
    const { canvas } = this;
    const scale = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.style = getComputedStyle(canvas);

    const highest = Math.max(this.least, ...this.#points.flatMap((p) => p.slice(1).map((v) => v ?? 0)));
    const target = roundUp(highest);
    this.#top = still.matches ? target : this.#top + (target - this.#top) * 0.18;
    if (Math.abs(target - this.#top) < target / 500) this.#top = target;

    const now = performance.now();
    const area = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: height - EDGE.bottom };
    const x = (time) => area.right - ((now - time) / SPAN) * (area.right - area.left);
    const y = (value) => area.bottom - (value / this.#top) * (area.bottom - area.top);
    this.#grid(pen, area, y, target);
    this.colors.forEach((color, i) => this.#line(pen, area, x, y, i + 1, color));
  }

  #color(name) {
    return this.style.getPropertyValue(name).trim();
  }

  #grid(pen, area, y, top) {
    pen.strokeStyle = this.#color("--rule");
    pen.fillStyle = this.#color("--soft");
    pen.lineWidth = 1;
    pen.font = `11px ${this.style.fontFamily}`;
    pen.textBaseline = "alphabetic";
    pen.textAlign = "left";
    for (const part of [0, 0.5, 1]) {
      const at = Math.round(y(top * part)) + 0.5;
      if (at < 0) continue;
      pen.beginPath();
      pen.moveTo(area.left, at);
      pen.lineTo(area.right, at);
      pen.stroke();
      if (part) pen.fillText(this.format(top * part).replace(/\.0+ /, " "), area.left, at - 4);
    }
    pen.fillText("a minute ago", area.left, area.bottom + 14);
    pen.textAlign = "right";
    pen.fillText("now", area.right, area.bottom + 14);
  }

  #line(pen, area, x, y, series, color) {
    const points = this.#points.filter((p) => p[series] !== undefined && x(p[0]) > area.left - 40);
    if (points.length < 2) return;
    pen.save();
    pen.beginPath();
    pen.rect(area.left, 0, area.right - area.left, area.bottom + 1);
    pen.clip();
    const path = new Path2D();
    points.forEach((p, i) => (i ? path.lineTo(x(p[0]), y(p[series])) : path.moveTo(x(p[0]), y(p[series]))));
    pen.lineWidth = 1.8;
    pen.lineJoin = "round";
    pen.strokeStyle = this.#color(color);
    pen.stroke(path);
    if (series === 1) {
      path.lineTo(x(points.at(-1)[0]), area.bottom);
      path.lineTo(x(points[0][0]), area.bottom);
      pen.globalAlpha = 0.13;
      pen.fillStyle = this.#color(color);
      pen.fill(path);
    }
    pen.restore();
  }
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value * 0.999);
}
