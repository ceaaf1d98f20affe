/** What the table needs to know of its place: its width, the height of a row, how many rows a screen holds. */
import { type RefObject, useEffect, useState } from 'react';
import { usePreferences } from '../../app/preferences.ts';

const DEFAULT_ROW = 32;
const DEFAULT_TWO = 44;

export function useElementWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}

/** The token `--row` (or `--row-two`) in pixels; changes with the density and with the width of the window. */
export function useRowHeight(ref: RefObject<HTMLElement | null>, two: boolean): number {
  const { density } = usePreferences();
  const [height, setHeight] = useState(two ? DEFAULT_TWO : DEFAULT_ROW);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the density changes the token
  useEffect(() => {
    const read = () => {
      const element = ref.current;
      if (element === null) return;
      const text = getComputedStyle(element).getPropertyValue(two ? '--row-two' : '--row');
      const value = Number.parseFloat(text);
      if (value > 0) setHeight(value);
    };
    read();
    const query = matchMedia('(max-width: 720px)');
    query.addEventListener('change', read);
    return () => query.removeEventListener('change', read);
  }, [ref, two, density]);
  return height;
}

export function usePageSize(ref: RefObject<HTMLElement | null>, rowHeight: number): () => number {
  return () => Math.max(1, Math.floor(Math.min(ref.current?.clientHeight ?? 400, innerHeight) / rowHeight) - 2);
}
