import { useRef } from 'react';

/**
 * For `finalFocus` of what floats: where the focus was before it opened. Fields that take the focus as they appear do
 * so before the dialog itself looks.
 */
export function useReturnFocus(open: boolean): () => HTMLElement | true {
  const before = useRef<Element | null>(null);
  const wasOpen = useRef(false);
  if (open && !wasOpen.current) before.current = document.activeElement;
  wasOpen.current = open;
  return () => {
    const element = before.current;
    return element instanceof HTMLElement && element.isConnected && element !== document.body ? element : true;
  };
}
