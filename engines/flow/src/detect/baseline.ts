/** What is usual: mean and deviation of a measure, recent values weighing more. */

/** A new value's weight once many were seen: about the last hundred count. */
const WEIGHT = 0.02;

export class Baseline {
  #mean = 0;
  #variance = 0;
  #samples = 0;

  get mean(): number {
    return this.#mean;
  }

  get deviation(): number {
    return Math.sqrt(this.#variance);
  }

  get samples(): number {
    return this.#samples;
  }

  add(value: number): void {
    this.#samples += 1;
    const weight = Math.max(WEIGHT, 1 / this.#samples);
    const difference = value - this.#mean;
    this.#mean += weight * difference;
    this.#variance = (1 - weight) * (this.#variance + weight * difference * difference);
  }
}
