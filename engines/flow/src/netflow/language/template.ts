/** Templates of NetFlow version 9 and IPFIX, compiled to operations on a record's draft. */
import { MAX_TEMPLATE_FIELDS } from './limits.ts';
import { operationOf } from './operations.ts';
import { makePlan, type Plan } from './plan.ts';

export interface Template {
  readonly id: number;
  /** An options template: its records speak of the exporter, not of flows. */
  readonly options: boolean;
  /** OP_… of each field. */
  readonly operations: Uint8Array;
  /** Bytes of each field; VARIABLE where the record says. */
  readonly lengths: Uint16Array;
  /** Bytes of a record; 0 where a field varies. */
  readonly fixedBytes: number;
  /** Bytes that a record has at least. */
  readonly leastBytes: number;
  /** For records of fixed length. */
  readonly plan: Plan;
  /** Its definition as it came, to tell whether a new one changes it. */
  readonly definition: Uint8Array;
}

export const VARIABLE = 65_535;
const ENTERPRISE_BIT = 0x8000;

/**
 * Reads `fieldCount` field specifiers.
 *
 * @param enterprises whether the high bit of an element number announces an enterprise number (IPFIX)
 * @returns null where they do not fit into the bytes, are too many, or make a record of no bytes
 */
export function parseTemplate(
  view: DataView,
  at: number,
  end: number,
  fieldCount: number,
  options: { readonly id: number; readonly options: boolean; readonly enterprises: boolean },
): { readonly template: Template; readonly end: number } | null {
  if (fieldCount > MAX_TEMPLATE_FIELDS) return null;
  const operations = new Uint8Array(fieldCount);
  const lengths = new Uint16Array(fieldCount);
  let position = at;
  let leastBytes = 0;
  let varies = false;
  for (let index = 0; index < fieldCount; index++) {
    if (position + 4 > end) return null;
    let element = view.getUint16(position);
    const length = view.getUint16(position + 2);
    position += 4;
    let enterprise = 0;
    if (options.enterprises && element & ENTERPRISE_BIT) {
      if (position + 4 > end) return null;
      element &= ~ENTERPRISE_BIT;
      enterprise = view.getUint32(position);
      position += 4;
    }
    const variable = options.enterprises && length === VARIABLE;
    operations[index] = variable ? 0 : operationOf(enterprise, element, length);
    lengths[index] = length;
    varies ||= variable;
    leastBytes += variable ? 1 : length;
  }
  if (leastBytes === 0) return null;
  const definition = new Uint8Array(view.buffer, view.byteOffset + at, position - at).slice();
  const { id } = options;
  const fixedBytes = varies ? 0 : leastBytes;
  const plan = makePlan(operations, lengths);
  return {
    template: { id, options: options.options, operations, lengths, fixedBytes, leastBytes, plan, definition },
    end: position,
  };
}

export function sameDefinition(one: Template, other: Template): boolean {
  return one.options === other.options && Buffer.compare(one.definition, other.definition) === 0;
}
