import type { LucideIcon } from 'lucide-react';

/** A Lucide icon at 16 px, stroke 1.4, never read aloud: the words are beside it or in the control's label. */
export function Icon({ of: Drawing, size = 16 }: { readonly of: LucideIcon; readonly size?: number }) {
  return <Drawing size={size} strokeWidth={1.4} absoluteStrokeWidth aria-hidden focusable={false} />;
}
