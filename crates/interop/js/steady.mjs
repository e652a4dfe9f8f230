// Whether picture and sound went on all the time.

import { check } from "./tools.mjs";

/**
 * From one second to the next: pictures as many as are sent, sound all the time, nothing stands still.
 * A pause shorter than a second is told and no failure: a machine that is late with one frame makes it too.
 */
export function steady(counts) {
  for (const [n, after] of counts.slice(1).entries()) {
    const before = counts[n];
    const [decoded, sent] = [after.decoded - before.decoded, after.sent - before.sent];
    check(decoded > 0 && decoded >= sent * 0.4, `in second ${n + 1} ${decoded} of ${sent} frames came back`);
    check(after.energy > before.energy, `in second ${n + 1} no sound came back`);
  }
  const [first, last] = [counts[0], counts.at(-1)];
  const [decoded, sent, freezes] = ["decoded", "sent", "freezes"].map((field) => last[field] - first[field]);
  const seconds = (last.time - first.time) / 1000;
  check(decoded >= sent * 0.85, `${decoded} of ${sent} frames came back`);
  return { decoded, sent, freezes, rate: ((last.bytes - first.bytes) * 8) / seconds / 1e6 };
}

/** In words. */
export const frames = ({ decoded, sent, freezes }) =>
  `${decoded} of ${sent} frames decoded${freezes ? `, ${freezes} pauses` : ""}`;
