/**
 * The keyboard map: one listener on the document, a registry that pages add to with `useKeys`, sequences (`g o`), and
 * the rule that single keys never act in fields and can be switched off.
 */
import { useEffect, useRef } from 'react';
import { preferences } from './preferences.ts';

export interface KeyBinding {
  /** `a`, `?`, `Enter`, `[`, `Ctrl+k`, `Ctrl+z`, or a sequence `g o`. */
  readonly keys: string;
  /** What it does, as the `?` map shows it: "Acknowledge". */
  readonly label: string;
  /** Heading in the map. @defaultValue "On this page" */
  readonly group?: string;
  run(event: KeyboardEvent): void;
  /** Acts while a text field has the focus, too (only for Ctrl combinations and Escape). */
  readonly inFields?: boolean;
  /** Asked before it acts; `false` lets an older binding of the same keys act. */
  readonly when?: () => boolean;
}

const SEQUENCE_MS = 1_200;
/** Longest wait for the code of a field; after it keys act again. */
const HOLD_MS = 5_000;

interface Registered {
  readonly list: () => readonly KeyBinding[];
}

const stack: Registered[] = [];
const listeners = new Set<() => void>();
let held: string | undefined;
let heldTimer: ReturnType<typeof setTimeout> | undefined;
let pending: { readonly key: string; readonly atMs: number } | undefined;

/** Adds bindings while the component is mounted. The last mounted wins where two want the same keys. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    const entry: Registered = { list: () => latest.current };
    stack.push(entry);
    for (const listener of listeners) listener();
    return () => {
      stack.splice(stack.indexOf(entry), 1);
      for (const listener of listeners) listener();
    };
  }, []);
}

/** All bindings that act now, for the `?` map. */
export function activeBindings(): readonly KeyBinding[] {
  const seen = new Set<string>();
  const all: KeyBinding[] = [];
  for (let index = stack.length - 1; index >= 0; index -= 1) {
    for (const binding of stack[index]?.list() ?? []) {
      if (seen.has(binding.keys)) continue;
      seen.add(binding.keys);
      all.push(binding);
    }
  }
  return all;
}

/** Starts listening. @returns stop */
export function listenForKeys(target: Document): () => void {
  const onKey = (event: KeyboardEvent) => handleKey(event, Date.now());
  target.addEventListener('keydown', onKey);
  return () => target.removeEventListener('keydown', onKey);
}

/**
 * Keeps what is typed from acting until somebody takes it: between the key that opens the palette or the range and the
 * moment its field is there to type into.
 */
export function holdKeys(): void {
  held = '';
  clearTimeout(heldTimer);
  heldTimer = setTimeout(() => {
    held = undefined;
  }, HOLD_MS);
}

/** What was typed since `holdKeys`; keys act again. */
export function takeHeldKeys(): string {
  const typed = held ?? '';
  held = undefined;
  clearTimeout(heldTimer);
  return typed;
}

/** One key press, at `nowMs`. */
export function handleKey(event: KeyboardEvent, nowMs: number): void {
  if (event.defaultPrevented || event.isComposing) return;
  const key = keyName(event);
  if (key === undefined) return;
  const single = !event.ctrlKey && !event.metaKey && !event.altKey;
  const field = inField(event.target) || inModal(event.target);
  if (held !== undefined && single && !field) {
    if (event.key.length === 1) held += event.key;
    event.preventDefault();
    return;
  }
  const before = pending !== undefined && nowMs - pending.atMs < SEQUENCE_MS ? pending.key : undefined;
  pending = undefined;
  if (single && key.length === 1 && (field || !preferences.get().singleKeys)) return;
  const candidates = before === undefined ? [key] : [`${before} ${key}`, key];
  for (const candidate of candidates) {
    for (let index = stack.length - 1; index >= 0; index -= 1) {
      for (const binding of stack[index]?.list() ?? []) {
        if (binding.keys !== candidate) continue;
        if (field && binding.inFields !== true) continue;
        if (single && key === 'Enter' && onControl(event.target)) continue;
        if (binding.when?.() === false) continue;
        event.preventDefault();
        binding.run(event);
        return;
      }
    }
  }
  if (single && !field && startsSequence(key)) pending = { key, atMs: nowMs };
}

function startsSequence(key: string): boolean {
  return stack.some((entry) => entry.list().some((binding) => binding.keys.startsWith(`${key} `)));
}

function keyName(event: KeyboardEvent): string | undefined {
  const { key } = event;
  if (key === 'Control' || key === 'Shift' || key === 'Alt' || key === 'Meta' || key === 'Dead') return undefined;
  const command = event.ctrlKey || event.metaKey;
  const name = key === ' ' ? 'Space' : key;
  return command ? `Ctrl+${name.toLowerCase()}` : event.altKey ? `Alt+${name}` : name;
}

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.role === 'combobox';
}

/** What lies behind a modal does not hear keys. */
function inModal(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[data-modal]') !== null;
}

function onControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('a, button, summary, [role="option"], [role="menuitem"]') !== null
  );
}
