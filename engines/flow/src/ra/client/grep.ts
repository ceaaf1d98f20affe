/** `-e` and `-M label=`: expressions over user data and labels. */
import {
  DESTINATION_DATA_AT,
  DESTINATION_DATA_COUNT,
  HAS_DESTINATION_DATA,
  HAS_SOURCE_DATA,
  SOURCE_DATA_AT,
  SOURCE_DATA_COUNT,
} from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import { labelText } from '../fields/payload.ts';
import { ClientError, type Settings } from '../options/settings.ts';

export type Matcher = (record: FlowRecord) => boolean;

/** @returns null when nothing is asked for */
export function payloadMatcher(settings: Settings, flags = ''): Matcher | null {
  const { grep, labelPattern } = settings;
  const tests: Matcher[] = [];
  if (grep !== undefined) {
    const pattern = expression(grep.pattern, flags);
    tests.push(
      (record) =>
        (grep.source && pattern.test(dataText(record, true))) ||
        (grep.destination && pattern.test(dataText(record, false))),
    );
  }
  if (labelPattern !== undefined) {
    const pattern = expression(labelPattern, flags);
    tests.push((record) => pattern.test(labelText(record)));
  }
  return tests.length === 0 ? null : (record) => tests.every((test) => test(record));
}

function expression(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    throw new ClientError(`error: user data regex ${pattern}: ${(error as Error).message}`);
  }
}

/** User data as Latin-1 text. */
export function dataText(record: FlowRecord, isSource: boolean): string {
  if (!record.has(isSource ? HAS_SOURCE_DATA : HAS_DESTINATION_DATA)) return '';
  const at = record.get(isSource ? SOURCE_DATA_AT : DESTINATION_DATA_AT);
  const count = record.get(isSource ? SOURCE_DATA_COUNT : DESTINATION_DATA_COUNT);
  return Buffer.from(record.bytes.buffer, record.bytes.byteOffset + at, count).toString('latin1');
}
