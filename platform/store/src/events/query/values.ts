/** Values of a query, made to fit the field they are compared with. */
import { badRequest, type JsonValue, SEVERITIES, usFromIso } from '@undercroft/kernel';
import type { SqlParameter } from './compiled.ts';
import type { Field } from './fields.ts';

const MAX_VALUE_LENGTH = 65_536;

/**
 * Texts are read as what the field holds (`"5"` for a number): a query line has nothing but texts.
 *
 * @throws UndercroftError `events.query.value`, 400
 */
export function fieldValue(field: Field, value: JsonValue): SqlParameter {
  if (typeof value === 'string' && value.length > MAX_VALUE_LENGTH)
    throw wrongValue(field, 'a text of that length', `at most ${MAX_VALUE_LENGTH} characters`);
  switch (field.kind) {
    case 'severity':
      return severityId(field, value);
    case 'number':
      return numberValue(field, value);
    case 'bool':
      return boolValue(field, value);
    case 'time':
      return timeValue(field, value);
    case 'json':
      return jsonText(field, value);
    default:
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      throw wrongValue(field, value, 'a text');
  }
}

function severityId(field: Field, value: JsonValue): bigint {
  const id = typeof value === 'string' ? SEVERITIES.indexOf(value.toLowerCase() as (typeof SEVERITIES)[number]) : value;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= SEVERITIES.length)
    throw wrongValue(field, value, SEVERITIES.join(', '));
  return BigInt(id);
}

function numberValue(field: Field, value: JsonValue): number | bigint {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrongValue(field, value, 'a number');
  return field.attribute !== 'float64' && Number.isSafeInteger(number) ? BigInt(number) : number;
}

function boolValue(field: Field, value: JsonValue): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw wrongValue(field, value, 'true or false');
}

/** Microseconds, or ISO 8601. @returns nanoseconds */
function timeValue(field: Field, value: JsonValue): bigint {
  const us = typeof value === 'string' ? usFromIso(value) : value;
  if (typeof us !== 'number' || !Number.isSafeInteger(us)) throw wrongValue(field, value, 'a time in ISO 8601');
  return BigInt(us) * 1000n;
}

function jsonText(field: Field, value: JsonValue): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {
    // Not JSON: answered below.
  }
  throw wrongValue(field, value, 'a JSON value');
}

export function wrongValue(field: Field, value: unknown, wanted: string) {
  return badRequest('events.query.value', `${field.name} cannot be compared with ${shown(value)}.`, `Give ${wanted}.`);
}

/** Any value at all, shortened for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value).slice(0, 100);
}
