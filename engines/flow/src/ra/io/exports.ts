/** `-r cisco:file`: messages of NetFlow or IPFIX, read as if they were records. */
import { RecordEncoder } from '../../argus/wire/encode.ts';
import { readFlowFile } from '../../netflow/file.ts';
import { FlowRecord } from '../../record/record.ts';
import { readAsRa } from '../record/reading.ts';
import { InputError, type ReadContext } from './input.ts';
import type { RecordHandler } from './records.ts';

const PREFIX = /^(?:cisco|netflow|ipfix):/;

export function isExportFile(path: string): boolean {
  return PREFIX.test(path);
}

/** @returns false when the handler wants no more @throws InputError */
export async function readExportFile(path: string, handle: RecordHandler, context: ReadContext): Promise<boolean> {
  const encoder = new RecordEncoder();
  const record = new FlowRecord();
  // No record is the first of a stream, which would be its greeting.
  let offset = 1;
  try {
    for await (const batch of readFlowFile(path.replace(PREFIX, ''), { stdin: context.stdin })) {
      for (let index = 0; index < batch.count; index++) {
        const bytes = encoder.encode(record.at(batch, batch.address(index)));
        readAsRa(record);
        if (!handle(record, { bytes, at: 0, length: bytes.length, offset })) return false;
        offset += bytes.length;
      }
      await context.breathe();
      if (context.signal.aborted) return false;
    }
  } catch (error) {
    const { code, message, cause } = error as { code?: string; message: string; cause?: { code?: string } };
    if (!code?.startsWith('flow.netflow.')) throw error;
    throw new InputError(message, cause?.code === 'ENOENT' ? 2 : 1);
  }
  return true;
}
