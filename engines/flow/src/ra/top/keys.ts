/** Bytes of a terminal as named keys, and a line that is typed with them. */

export type Key = { readonly name: KeyName } | { readonly name: 'text'; readonly text: string };
export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageup'
  | 'pagedown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'clear'
  | 'interrupt'
  | 'redraw';

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '4~': 'end',
  '5~': 'pageup',
  '6~': 'pagedown',
  '7~': 'home',
  '8~': 'end',
};
const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'interrupt',
  '\x15': 'clear',
  '\x0c': 'redraw',
  '\x06': 'pagedown',
  '\x02': 'pageup',
  '\x1b': 'escape',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const TOKEN = /\x1b(?:\[|O)([0-9;]*[A-Za-z~])|([\x00-\x1f\x7f])|([^\x00-\x1f\x7f]+)/gu;

export function keysOf(bytes: string): Key[] {
  const keys: Key[] = [];
  for (const [, sequence, control, text] of bytes.matchAll(TOKEN)) {
    if (text !== undefined) keys.push({ name: 'text', text });
    const name = sequence === undefined ? CONTROLS[control ?? ''] : SEQUENCES[sequence];
    if (name !== undefined) keys.push({ name });
  }
  return keys;
}

const MAX_TYPED = 1024;

/** A question on the last line. */
export class Prompt {
  readonly label: string;
  text: string;

  constructor(label: string, text: string) {
    this.label = label;
    this.text = text;
  }

  /** @returns `done` and `cancelled` end the question */
  press(key: Key): 'open' | 'done' | 'cancelled' {
    if (key.name === 'text') this.text = (this.text + key.text).slice(0, MAX_TYPED);
    else if (key.name === 'backspace') this.text = this.text.slice(0, -1);
    else if (key.name === 'clear') this.text = '';
    else if (key.name === 'enter') return 'done';
    else if (key.name === 'escape' || key.name === 'interrupt') return 'cancelled';
    return 'open';
  }
}
