/** `undercroft flow export`: argus records to a collector of NetFlow or IPFIX, or into a file of messages. */
import { type FileHandle, open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseSource, readRecords } from '../../argus/read/source.ts';
import type { ProgramIo } from '../../program.ts';
import { KIND, KIND_MANAGEMENT } from '../../record/layout.ts';
import { FlowRecord } from '../../record/record.ts';
import { NETFLOW_PORT } from '../collector.ts';
import { makeEncoder } from '../encoder.ts';
import type { EncoderOptions, FlowEncoder } from '../language/encoder.ts';
import { UdpSender } from '../sender.ts';
import { given, hostAndPort, usage, wholeNumber } from './options.ts';

const HELP = `usage: undercroft flow export -r FILE [-r FILE] (--to HOST:PORT | -w FILE) [options]

  -r FILE             argus records; - is standard input
  --to HOST:PORT      collector, over UDP
  -w FILE             file of messages instead
  --format NAME       netflow5, netflow9 or ipfix (ipfix)
  --one-way           IPFIX without biflows: a record for each direction
  --times UNIT        precision of IPFIX' times: ms, us or ns (ms)
  --domain N          source id or observation domain (0)
  --mtu BYTES         of the path, headers of UDP and IP included (1500)
  --rate MBITS        most Mbit/s over UDP, 0 for no limit (20)
  --template-every N  repeats templates after so many messages (20)
  --template-after S  and after so many seconds (60)
`;

const DEFAULT_MTU = 1500;
/** IPv6 and UDP. */
const HEADER_BYTES = 48;
const DEFAULT_MBITS = 20;
const FILE_MESSAGE_BYTES = 16_384;
/** Messages that wait before reading goes on more slowly. */
const HIGH_WATER = 1024;

export async function exportFlows(argv: readonly string[], io: ProgramIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      read: { type: 'string', short: 'r', multiple: true },
      to: { type: 'string' },
      write: { type: 'string', short: 'w' },
      format: { type: 'string', default: 'ipfix' },
      'one-way': { type: 'boolean', default: false },
      times: { type: 'string', default: 'ms' },
      domain: { type: 'string' },
      mtu: { type: 'string' },
      rate: { type: 'string' },
      'template-every': { type: 'string' },
      'template-after': { type: 'string' },
    },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return 0;
  }
  if (values.read === undefined) throw usage('-r FILE is missing: what to send');
  if ((values.to === undefined) === (values.write === undefined)) throw usage('give either --to or -w');
  const { times, format } = values;
  if (times !== 'ms' && times !== 'us' && times !== 'ns') throw usage(`--times ${times}: want ms, us or ns`);
  const mtu = wholeNumber('mtu', values.mtu, 576, 65_535) ?? DEFAULT_MTU;
  const isUdp = values.to !== undefined;
  const templateAfterS = wholeNumber('template-after', values['template-after'], 1, 86_400);
  const options: EncoderOptions = {
    maxBytes: isUdp ? mtu - HEADER_BYTES : FILE_MESSAGE_BYTES,
    domain: wholeNumber('domain', values.domain, 0, 0xffff_ffff) ?? 0,
    nowMs: Date.now,
    biflow: !values['one-way'],
    times,
    ...(isUdp
      ? {
          ...given('templateMessages', wholeNumber('template-every', values['template-every'], 1, 1_000_000)),
          ...given('templateMs', templateAfterS === undefined ? undefined : templateAfterS * 1000),
        }
      : { templateMessages: 0, templateMs: 0 }),
  };
  const mbits = wholeNumber('rate', values.rate, 0, 100_000) ?? DEFAULT_MBITS;
  const target = isUdp ? await udpTarget(values.to as string, mbits) : await fileTarget(values.write as string);
  const encoder = makeEncoder(format, (message) => target.put(message), options);
  try {
    for (const path of values.read) await send(path, encoder, target, io);
    encoder.flush();
  } finally {
    await target.close();
  }
  const { messages, records, skipped, clamped } = encoder.counters;
  io.stderr.write(`${messages} messages, ${records} records, ${skipped} skipped, ${clamped} counters cut\n`);
  return 0;
}

interface Target {
  put(message: Uint8Array): void;
  /** Resolves when there is room again. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

async function send(path: string, encoder: FlowEncoder, target: Target, io: ProgramIo): Promise<void> {
  const record = new FlowRecord();
  for await (const batch of readRecords(parseSource(path), io.stdin)) {
    for (let index = 0; index < batch.count; index++) {
      record.at(batch, batch.address(index));
      if (record.get(KIND) !== KIND_MANAGEMENT) encoder.add(record);
    }
    await target.ready();
    if (io.signal.aborted) return;
  }
}

async function udpTarget(to: string, mbits: number): Promise<Target> {
  const sender = await UdpSender.open({
    ...hostAndPort(to, NETFLOW_PORT),
    bitsPerSecond: mbits * 1e6,
    monotonicMs: () => performance.now(),
  });
  return {
    put: (message) => void sender.send(message),
    ready: async () => {
      if (sender.queued > HIGH_WATER) await sender.drained();
    },
    close: () => sender.close(),
  };
}

async function fileTarget(path: string): Promise<Target> {
  const file: FileHandle = await open(path, 'w');
  const waiting: Uint8Array[] = [];
  const ready = async () => {
    if (waiting.length > 0) await file.appendFile(Buffer.concat(waiting.splice(0)));
  };
  return {
    put: (message) => void waiting.push(message),
    ready,
    close: async () => {
      await ready();
      await file.close();
    },
  };
}
