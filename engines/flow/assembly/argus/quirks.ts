/** Which of Argus' defects are kept: the one place that is asked. The bits are in `src/table/quirks.ts`. */

export let kept: u32 = 0;

export function setQuirks(bits: u32): void {
  kept = bits;
}

export function keeps(quirk: u32): bool {
  return (kept & quirk) != 0;
}
