/** Who is on the screen or within one screen of it: the only charts that exist and the only ones that fetch. */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';

export interface Nearness {
  /** On the screen or within one screen of it. */
  readonly near: boolean;
  /** Its height when it came near or went away; 0 before. */
  readonly heightPx: number;
}

type Listener = (nearness: Nearness) => void;

const listeners = new WeakMap<Element, Listener>();
let observer: IntersectionObserver | undefined;

function shared(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, boundingClientRect } of entries)
        listeners.get(target)?.({ near: isIntersecting, heightPx: boundingClientRect.height });
    },
    { rootMargin: '100% 0px' },
  );
  return observer;
}

const FAR: Nearness = { near: false, heightPx: 0 };

/** Renders again when the element comes near the screen and when it goes away. */
export function useNear(ref: RefObject<Element | null>): Nearness {
  const [nearness, setNear] = useState(FAR);
  // Before the first paint: what is seen at once must not change its height.
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect();
    if (box !== undefined && box.top < 2 * innerHeight && box.bottom > -innerHeight)
      setNear({ near: true, heightPx: 0 });
  }, [ref]);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    listeners.set(element, setNear);
    shared().observe(element);
    return () => {
      shared().unobserve(element);
      listeners.delete(element);
    };
  }, [ref]);
  return nearness;
}

const sizes = new WeakMap<Element, (width: number) => void>();
let resizes: ResizeObserver | undefined;

/** Tells the width of the element now and when it changes. @returns stop */
export function onWidth(element: Element, listener: (width: number) => void): () => void {
  resizes ??= new ResizeObserver((entries) => {
    for (const entry of entries) sizes.get(entry.target)?.(entry.contentRect.width);
  });
  sizes.set(element, listener);
  resizes.observe(element);
  return () => {
    resizes?.unobserve(element);
    sizes.delete(element);
  };
}
