// The sound that is sent where there is no microphone: a soft tone that swells once a second.

const PITCH = 440; // Hz
const LOUD = 0.16;

/** `{ track, stop() }` */
export function drawnTone() {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: PITCH });
  const swell = new OscillatorNode(context, { frequency: 1 });
  const depth = new GainNode(context, { gain: LOUD / 2 });
  const volume = new GainNode(context, { gain: LOUD });
  const out = context.createMediaStreamDestination();
  tone.connect(volume).connect(out);
  swell.connect(depth).connect(volume.gain);
  tone.start();
  swell.start();
  // A browser may keep it silent until the page is clicked.
  context.resume().catch(() => {});
  const [track] = out.stream.getAudioTracks();
  const stop = () => {
    track.stop();
    context.close();
  };
  return { track, stop };
}
