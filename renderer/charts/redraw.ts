/**
 * One animation frame for all canvases: drawings that ask for it are done together, at most `PER_FRAME` in
 * one frame, the others in the next, so that no frame is late because everything changed at once.
 */

const PER_FRAME = 2;

const waiting = new Set<() => void>();
let asked = false;

function frame(): void {
  asked = false;
  let done = 0;
  for (const draw of waiting) {
    if (done === PER_FRAME) break;
    waiting.delete(draw);
    draw();
    done += 1;
  }
  if (waiting.size > 0) ask();
}

function ask(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

/** A drawing that waits already is not queued twice. */
export function redraw(draw: () => void): void {
  waiting.add(draw);
  ask();
}

export function forget(draw: () => void): void {
  waiting.delete(draw);
}
