/** Words of two records put together. */
import { HAS } from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';

export function join(one: FlowRecord, other: FlowRecord, word: number): void {
  one.set(word, (one.get(word) | other.get(word)) >>> 0);
}

export function add(one: FlowRecord, other: FlowRecord, word: number): void {
  one.set(word, (one.get(word) + other.get(word)) >>> 0);
}

export function copyPart(one: FlowRecord, other: FlowRecord, part: number, from: number, count: number): void {
  for (let i = 0; i < count; i += 1) one.set(from + i, other.get(from + i));
  one.set(HAS, (one.get(HAS) | part) >>> 0);
}
