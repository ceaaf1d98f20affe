/** Who is on the screen or within one screen of it: the only charts that exist and the only ones that fetch. */
import { type RefObject, useEffect, useState } from 'react';

type Listener = (near: boolean) => void;

const listeners = new WeakMap<Element, Listener>();
let observer: IntersectionObserver | undefined;

function shared(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: '100% 0px' },
  );
  return observer;
}

/** True while the element is on the screen or within one screen of it. */
export function useNear(ref: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false);
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
  return near;
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
