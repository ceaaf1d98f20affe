/** raconvert: lines that ra printed with `-c`, with names above, back into records. */
import { createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RecordEncoder } from '../argus/wire/encode.ts';
import type { Program, ProgramIo } from '../program.ts';
import { FlowRecord } from '../record/record.ts';
import { fieldsOf, RecordReader } from './client/columns-in.ts';
import { delimiterOf, splitLine } from './client/csv.ts';
import { say } from './client/say.ts';
import { usageText } from './client/usage.ts';
import { RecordFile } from './io/output.ts';
import { parseSettings } from './options/parse.ts';
import { ClientError, type Settings, UsageError } from './options/settings.ts';
import { zoneOf } from './text/zone.ts';

const MAX_LINE_LENGTH = 1024 * 1024;

export const run: Program = async (argv, io) => {
  try {
    return await convert(parseSettings(argv, { env: io.env }), io);
  } catch (error) {
    if (error instanceof UsageError) io.stdout.write(usageText('raconvert'));
    else if (error instanceof ClientError) say(io, 'raconvert', error.message);
    else throw error;
    return 1;
  }
};

async function convert(settings: Settings, io: ProgramIo): Promise<number> {
  const [write] = settings.writes;
  if (write === undefined) throw new UsageError();
  const out = new RecordFile(write.path, io);
  const encoder = new RecordEncoder();
  const record = new FlowRecord();
  const reader = new RecordReader(zoneOf(settings.timeZone));
  let skipped = 0;
  const files = settings.files.length > 0 ? settings.files : ['-'];
  for (const file of files) {
    let fields: readonly string[] | null = null;
    let delimiter = ',';
    for await (const line of createInterface({ input: open(file, io), crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '' || line.length > MAX_LINE_LENGTH || io.signal.aborted) continue;
      if (fields === null) {
        delimiter = delimiterOf(line);
        fields = fieldsOf(splitLine(line, delimiter));
        if (!fields.includes('saddr')) throw new ClientError(`${file}: the first line holds no names of columns`);
        continue;
      }
      const values = new Map<string, string>();
      for (const [at, value] of splitLine(line, delimiter).entries()) values.set(fields[at] ?? '', value);
      if (!reader.read(record, values)) {
        skipped += 1;
        continue;
      }
      const bytes = encoder.encode(record);
      out.put(bytes, 0, bytes.length);
    }
  }
  out.open();
  await out.close();
  if (skipped > 0) say(io, 'raconvert', `${skipped} lines are no flows`);
  return 0;
}

function open(path: string, io: ProgramIo): Readable {
  if (path === '-') return io.stdin;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new ClientError(`open '${path}': No such file or directory`, 2);
  }
  const file = createReadStream(path);
  return path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
}
