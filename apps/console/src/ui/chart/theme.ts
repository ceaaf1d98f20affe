/** The palette as a canvas needs it: plain colours read from the CSS tokens, again when the theme changes. */

export interface ChartColors {
  /** 0 is "other", 1 to 5 the series. */
  readonly lines: readonly string[];
  readonly grid: string;
  readonly axis: string;
  readonly warning: string;
  readonly hatch: string;
  readonly font: string;
}

const listeners = new Set<() => void>();
let colors: ChartColors | undefined;
let observer: MutationObserver | undefined;

export function chartColors(): ChartColors {
  if (colors === undefined) {
    const style = getComputedStyle(document.documentElement);
    const read = (name: string) => style.getPropertyValue(name).trim();
    colors = {
      lines: ['--chart-other', '--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5'].map(read),
      grid: read('--line'),
      axis: read('--text3'),
      warning: read('--warning'),
      hatch: read('--line2'),
      font: read('--font'),
    };
  }
  return colors;
}

/** Called after the theme has changed. @returns stop */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  if (observer === undefined) {
    observer = new MutationObserver(() => {
      colors = undefined;
      for (const one of listeners) one();
    });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  }
  return () => listeners.delete(listener);
}

/** The same colour, see-through. @param alpha 0 to 1 */
export function faded(hex: string, alpha: number): string {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) return hex;
  return (
    hex +
    Math.round(alpha * 255)
      .toString(16)
      .padStart(2, '0')
  );
}
