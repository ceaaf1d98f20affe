/** What both readers (HCL and JSON) give: the tree of HashiCorp's configuration language, version 1. */
import type { Position } from '../error.ts';

/** Nested blocks, lists and objects. */
export const MAX_DEPTH = 32;
/** Length of a text in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1 << 20;

export type HclNode = HclObject | HclList | HclScalar;

export interface HclObject extends Position {
  readonly kind: 'object';
  readonly items: readonly HclItem[];
}

export interface HclList extends Position {
  readonly kind: 'list';
  readonly values: readonly HclNode[];
}

export interface HclScalar extends Position {
  readonly kind: 'scalar';
  readonly value: string | number | boolean;
}

/** `path "secret/*" { … }` has two keys, `capabilities = […]` one. */
export interface HclItem extends Position {
  readonly keys: readonly string[];
  readonly value: HclNode;
}
