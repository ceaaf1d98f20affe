/** Reads the fields of one block and collects what is wrong with them. */
import type { JsonValue } from '@undercroft/kernel';
import { parseDuration } from './duration.ts';
import type { PolicyProblem, Position } from './error.ts';
import type { HclItem, HclNode, HclObject } from './hcl/ast.ts';

/** More are counted, not listed. */
const MAX_PROBLEMS = 50;

export class Problems {
  readonly list: PolicyProblem[] = [];

  add(at: Position, message: string): void {
    if (this.list.length < MAX_PROBLEMS) this.list.push({ line: at.line, column: at.column, message });
  }
}

export class Fields {
  private readonly what: string;
  private readonly problems: Problems;
  private readonly items = new Map<string, HclItem>();

  /** @param blocks fields that are blocks with a label and may stand there more than once */
  constructor(
    what: string,
    object: HclObject,
    known: readonly string[],
    blocks: readonly string[],
    problems: Problems,
  ) {
    this.what = what;
    this.problems = problems;
    for (const item of object.items) {
      const name = item.keys[0]!;
      if (blocks.includes(name)) continue;
      if (!known.includes(name))
        problems.add(item, `${what} knows no ${JSON.stringify(name)}; it knows ${[...known, ...blocks].join(', ')}`);
      else if (item.keys.length > 1) problems.add(item, `${name} takes no label`);
      else if (this.items.has(name)) problems.add(item, `${what} gives ${name} twice`);
      else this.items.set(name, item);
    }
  }

  at(name: string): Position | undefined {
    return this.items.get(name);
  }

  text(name: string): string | undefined {
    return this.scalar(name, 'a quoted string', (value) => (typeof value === 'string' ? value : undefined));
  }

  flag(name: string): boolean | undefined {
    return this.scalar(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined));
  }

  /** A whole number, 0 or more; digits in quotes are taken too, as Vault takes them. */
  count(name: string): number | undefined {
    return this.scalar(name, 'a whole number from 0', (value) => {
      const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
    });
  }

  /** @returns seconds */
  duration(name: string): number | undefined {
    return this.scalar(name, 'a span of time such as 90, "90s" or "1h30m"', (value) =>
      typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined,
    );
  }

  texts(name: string): string[] | undefined {
    const item = this.items.get(name);
    if (item === undefined) return undefined;
    if (item.value.kind !== 'list') {
      this.wrong(item, name, 'a list of quoted strings');
      return undefined;
    }
    const texts: string[] = [];
    for (const value of item.value.values) {
      if (value.kind === 'scalar' && typeof value.value === 'string') texts.push(value.value);
      else this.wrong(value, name, 'quoted strings only');
    }
    return texts;
  }

  /** `{ "name" = [values] }`; the names in lower case, as Vault compares them. */
  lists(name: string): Record<string, readonly JsonValue[]> | undefined {
    const item = this.items.get(name);
    if (item === undefined) return undefined;
    if (item.value.kind !== 'object') {
      this.wrong(item, name, 'a block such as { "name" = ["value"] }');
      return undefined;
    }
    const lists = new Map<string, JsonValue[]>();
    for (const entry of item.value.items) {
      const key = entry.keys[0]!.toLowerCase();
      if (entry.keys.length > 1 || entry.value.kind !== 'list') this.wrong(entry, `${name}.${key}`, 'a list of values');
      else if (lists.has(key)) this.problems.add(entry, `${name} gives ${JSON.stringify(key)} twice`);
      else lists.set(key, entry.value.values.map(plainValue));
    }
    return Object.fromEntries(lists);
  }

  /** The one block of this name. */
  block(name: string): HclObject | undefined {
    const item = this.items.get(name);
    if (item === undefined || item.value.kind === 'object') return item?.value as HclObject | undefined;
    this.wrong(item, name, 'a block');
    return undefined;
  }

  private scalar<T>(
    name: string,
    want: string,
    read: (value: string | number | boolean) => T | undefined,
  ): T | undefined {
    const item = this.items.get(name);
    if (item === undefined) return undefined;
    const value = item.value.kind === 'scalar' ? read(item.value.value) : undefined;
    if (value === undefined) this.wrong(item, name, want);
    return value;
  }

  private wrong(at: Position, name: string, want: string): void {
    this.problems.add(at, `${this.what}: ${name} wants ${want}`);
  }
}

/** Blocks `name "label" { … }`; in JSON `"name": { "label": { … } }`, also as a list of such. */
export function labelledBlocks(object: HclObject, name: string, json: boolean, problems: Problems): LabelledBlock[] {
  const blocks: LabelledBlock[] = [];
  for (const item of object.items) {
    if (item.keys[0] !== name) continue;
    if (item.keys.length === 2 && item.value.kind === 'object')
      blocks.push({ label: item.keys[1]!, body: item.value, line: item.line, column: item.column });
    else if (!json || !unfoldJson(item.value, blocks)) problems.add(item, `expected ${name} "…" { … }`);
  }
  return blocks;
}

export interface LabelledBlock extends Position {
  readonly label: string;
  readonly body: HclObject;
}

function unfoldJson(value: HclNode, blocks: LabelledBlock[]): boolean {
  if (value.kind === 'scalar') return false;
  if (value.kind === 'list') return value.values.every((each) => each.kind === 'object' && unfoldJson(each, blocks));
  for (const { keys, value: body, line, column } of value.items) {
    const bodies = body.kind === 'list' ? body.values : [body];
    for (const each of bodies) {
      if (each.kind !== 'object') return false;
      blocks.push({ label: keys[0]!, body: each, line, column });
    }
  }
  return true;
}

function plainValue(node: HclNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.values.map(plainValue);
    case 'object':
      return Object.fromEntries(node.items.map((item) => [item.keys.join('.'), plainValue(item.value)]));
  }
}
