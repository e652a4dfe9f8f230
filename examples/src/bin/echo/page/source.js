// What is sent: camera and microphone, or in their place a drawn picture and a tone.

import { cameraPicture, drawnPicture } from "./picture.js";
import { drawnTone } from "./tone.js";

const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/**
 * `{ video, audio, words, stop() }`: the two tracks, and a sentence about where they come from.
 * Throws, with words to show, only when the person at the browser said no.
 */
export async function openSource({ drawn = false } = {}) {
  const { camera, microphone, words } = drawn ? { words: "" } : await ask();
  const picture = camera ? await cameraPicture(camera) : drawnPicture();
  const sound = microphone ? { track: microphone, stop: () => microphone.stop() } : drawnTone();
  return {
    video: picture.track,
    audio: sound.track,
    words: words || "A drawn picture and a tone, there and back.",
    stop() {
      picture.stop();
      sound.stop();
    },
  };
}

/** What there is of camera and microphone. */
async function ask() {
  if (!navigator.mediaDevices) {
    return { words: "Browsers lend cameras to localhost and HTTPS pages only (echo --tls). This is a drawn picture." };
  }
  const both = await device({ video: CAMERA, audio: true });
  if (both) return { ...both, words: "Your camera and microphone, there and back. Headphones keep it from howling." };
  const camera = await device({ video: CAMERA });
  if (camera) return { ...camera, words: "There is no microphone here, so you hear a tone." };
  const microphone = await device({ audio: true });
  if (microphone) return { ...microphone, words: "There is no camera here, so you see a drawn picture." };
  return { words: "There is neither camera nor microphone here. This is a drawn picture, and a tone." };
}

/** Undefined if there is no such device. */
async function device(wanted) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    return { camera: stream.getVideoTracks()[0], microphone: stream.getAudioTracks()[0] };
  } catch (error) {
    if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return undefined;
    throw new Error(refusal(error));
  }
}

function refusal({ name, message }) {
  if (name === "NotAllowedError") {
    return "This page may not use camera and microphone. Allow it beside the address, or take the test picture.";
  }
  if (name === "NotReadableError") {
    return "Camera or microphone cannot be opened: perhaps another program has them. The test picture needs neither.";
  }
  return `Camera and microphone cannot be opened (${message}). The test picture needs neither.`;
}
