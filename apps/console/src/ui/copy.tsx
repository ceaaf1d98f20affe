import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button, type ButtonProps, IconButton } from './button.tsx';

export interface CopyButtonProps extends Omit<ButtonProps, 'children' | 'onClick'> {
  readonly text: string | (() => string);
  /** @defaultValue Copy */
  readonly label?: string;
  /** Only the icon; the label is then its name. */
  readonly iconOnly?: boolean;
}

/** Copies, and says so for a moment in the same place. */
export function CopyButton({ text, label = 'Copy', iconOnly = false, ...rest }: CopyButtonProps) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copy = async () => {
    try {
      await writeClipboard(typeof text === 'string' ? text : text());
      setState('copied');
    } catch {
      setState('failed');
    }
    setTimeout(() => setState('ready'), 1_600);
  };
  const words = state === 'copied' ? 'Copied' : state === 'failed' ? 'Could not copy' : label;
  if (iconOnly) return <IconButton icon={state === 'copied' ? Check : Copy} label={words} small onClick={copy} />;
  return (
    <Button {...rest} onClick={copy}>
      <span aria-live="polite">{words}</span>
    </Button>
  );
}

/** Pages on plain http (not localhost) have no clipboard API; the old way works there. */
export async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('The browser refused.');
}
