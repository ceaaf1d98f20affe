/**
 * When charts work: eight are made a frame, and live redraws are gathered so that no chart is drawn more than once a
 * second and no frame draws more than a screenful.
 */

const MOUNTS_A_FRAME = 8;
const DRAWS_A_FRAME = 24;
/** Live redraws: at most one a second for each chart. */
export const REDRAW_MS = 1000;

type Job = () => void;

const mounts = new Set<Job>();
let mounting = false;

/** Runs the job in one of the next frames. @returns forget it */
export function queueMount(job: Job): () => void {
  mounts.add(job);
  if (!mounting) {
    mounting = true;
    requestAnimationFrame(drainMounts);
  }
  return () => mounts.delete(job);
}

function drainMounts(): void {
  let count = 0;
  for (const job of mounts) {
    mounts.delete(job);
    job();
    if (++count >= MOUNTS_A_FRAME) break;
  }
  mounting = mounts.size > 0;
  if (mounting) requestAnimationFrame(drainMounts);
}

const dirty = new Set<Job>();
let timer: ReturnType<typeof setTimeout> | undefined;
let lastFlushMs = 0;

/** Draws with the next gathering, at most {@link REDRAW_MS} from now. The same job again is one. @returns forget it */
export function queueRedraw(job: Job): () => void {
  dirty.add(job);
  if (timer === undefined) {
    const waitMs = Math.max(0, lastFlushMs + REDRAW_MS - performance.now());
    timer = setTimeout(() => {
      lastFlushMs = performance.now();
      timer = undefined;
      requestAnimationFrame(drainRedraws);
    }, waitMs);
  }
  return () => dirty.delete(job);
}

function drainRedraws(): void {
  let count = 0;
  for (const job of dirty) {
    dirty.delete(job);
    job();
    if (++count >= DRAWS_A_FRAME) break;
  }
  if (dirty.size > 0) requestAnimationFrame(drainRedraws);
}

const painters = new Set<Job>();

/** Once in the next frame, whoever asks how often: the cursor's readouts. */
export function nextFrame(job: Job): void {
  if (painters.size === 0) {
    requestAnimationFrame(() => {
      const jobs = [...painters];
      painters.clear();
      for (const one of jobs) one();
    });
  }
  painters.add(job);
}
