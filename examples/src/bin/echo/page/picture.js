// The picture that is sent: a drawn one, or a camera's, with the clock on it.

import { paintClock } from "./clock.js";

const WIDTH = 640;
const HEIGHT = 480;
const RATE = 30; // frames a second
const BARS = ["#f4f1ea", "#f2c14e", "#58b5a8", "#7fb069", "#c06c9c", "#d1603d", "#3d6fb6"];
const GRAINS = 256; // pixels each way

/** A track of what `paint` draws, `RATE` times a second, until `stop()`. */
export function drawnPicture() {
  const scenery = paintScenery();
  const grain = paintGrain();
  return painted(WIDTH, HEIGHT, (pen, frame) => {
    drawScenery(pen, scenery, frame);
    drawGrain(pen, grain);
    drawHand(pen, frame);
    drawTime(pen, frame);
  });
}

/** The same size, shape and frames as `track` has, and the clock. */
export async function cameraPicture(track) {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  const picture = painted(video.videoWidth, video.videoHeight, (pen) => pen.drawImage(video, 0, 0));
  const stop = () => {
    picture.stop();
    track.stop();
    video.srcObject = null;
  };
  return { ...picture, stop };
}

function painted(width, height, paint) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d", { alpha: false });
  let frame = 0;
  const next = () => {
    paint(pen, frame);
    paintClock(pen, width, height);
    frame += 1;
  };
  next();
  const [track] = canvas.captureStream(RATE).getVideoTracks();
  const timer = setInterval(next, 1000 / RATE);
  const stop = () => {
    clearInterval(timer);
    track.stop();
  };
  return { track, stop };
}

/** Colours and shapes to drift past: painted once, twice as wide as it is shown. */
function paintScenery() {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH * 2, height: HEIGHT });
  const pen = canvas.getContext("2d", { alpha: false });
  const wide = WIDTH / BARS.length;
  for (let n = 0; n < 2 * BARS.length; n += 1) {
    pen.fillStyle = BARS[n % BARS.length];
    pen.fillRect(n * wide, 0, wide + 1, HEIGHT);
  }
  // The right half repeats the left one, so that it can go round.
  for (let n = 0; n < 90; n += 1) {
    const part = (k) => (Math.sin(n * 127.1 + k * 311.7) * 43_758.5453) % 1;
    const [x, y, r] = [Math.abs(part(1)) * WIDTH, Math.abs(part(2)) * HEIGHT, 6 + Math.abs(part(3)) * 34];
    pen.fillStyle = BARS[n % BARS.length];
    pen.globalAlpha = 0.85;
    for (const at of [x - WIDTH, x, x + WIDTH, x + 2 * WIDTH]) {
      pen.beginPath();
      pen.arc(at, y, r, 0, 2 * Math.PI);
      pen.fill();
    }
  }
  return canvas;
}

/** Noise: what makes a picture cost bits, as that of a real camera does. */
function paintGrain() {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: GRAINS, height: GRAINS });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(GRAINS, GRAINS);
  for (let at = 0; at < image.data.length; at += 4) {
    image.data.fill(Math.random() < 0.5 ? 0 : 255, at, at + 3);
    image.data[at + 3] = Math.random() * 56;
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

function drawScenery(pen, scenery, frame) {
  pen.drawImage(scenery, -((frame * 2) % WIDTH), 0);
}

function drawGrain(pen, grain) {
  const [left, top] = [-Math.floor(Math.random() * GRAINS), -Math.floor(Math.random() * GRAINS)];
  for (let x = left; x < WIDTH; x += GRAINS) {
    for (let y = top; y < HEIGHT; y += GRAINS) pen.drawImage(grain, x, y);
  }
}

/** A hand that goes round once in two seconds: stutter shows in it. */
function drawHand(pen, frame) {
  const [x, y, r] = [WIDTH / 2, HEIGHT * 0.4, HEIGHT * 0.27];
  const turn = (frame / (2 * RATE)) * 2 * Math.PI - Math.PI / 2;
  pen.fillStyle = "#16303c";
  pen.beginPath();
  pen.arc(x, y, r, 0, 2 * Math.PI);
  pen.fill();
  pen.strokeStyle = "#f4f1ea";
  pen.lineWidth = 10;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x + Math.cos(turn) * r * 0.82, y + Math.sin(turn) * r * 0.82);
  pen.stroke();
}

function drawTime(pen, frame) {
  const time = new Date();
  const two = (n) => String(n).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  pen.fillStyle = "#16303ccc";
  pen.fillRect(0, HEIGHT * 0.74, WIDTH, HEIGHT * 0.15);
  pen.fillStyle = "#f4f1ea";
  pen.font = "44px ui-monospace, 'DejaVu Sans Mono', monospace";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(`${clock}  ${two(frame % RATE)}`, WIDTH / 2, HEIGHT * 0.82);
}
