/** `undercroft flow collect`: listens for flow exports, or reads files of them. */
import { parseArgs } from 'node:util';
import type { ProgramIo } from '../../program.ts';
import { FlowRecord } from '../../record/record.ts';
import { Collector, IPFIX_PORT, NETFLOW_PORT, SFLOW_PORT } from '../collector.ts';
import { Stitcher } from '../engine/stitch.ts';
import { readFlowFile } from '../file.ts';
import { ExporterState } from '../language/exporter.ts';
import type { RecordSink } from '../language/message.ts';
import { given, usage, wholeNumber } from './options.ts';
import { type FlowOutput, openOutputs } from './outputs.ts';

const HELP = `usage: undercroft flow collect [options]

Listens, or reads files with -r, until interrupted:
  --listen HOST       address to listen on (127.0.0.1)
  --netflow PORT      NetFlow 1, 5, 7, 9 and IPFIX over UDP (${NETFLOW_PORT} if no port is given)
  --ipfix PORT        the same on a second port (commonly ${IPFIX_PORT})
  --ipfix-tcp PORT    IPFIX over TCP
  --sflow PORT        sFlow version 5 (commonly ${SFLOW_PORT})
  --allow LIST        addresses and blocks of exporters, by commas; everybody if absent
  -r FILE             file of NetFlow or IPFIX messages instead; again for more, - is standard input

Writes:
  -w FILE             argus records, appended; - is standard output
  --json FILE         JSON lines (OCSF network activity); - is standard output
  --csv FILE          CSV; - is standard output
  --fields LIST       fields of the CSV, by commas
  --zeek FOLDER       conn.log as Zeek writes it
  --json-logs         that as JSON lines
  --gzip              packs rotated logs
  --rotate SECONDS    rotates logs; conn.log each hour if absent

  --no-stitch         leaves one-way records as they come
  --no-scale          leaves counters of sampled traffic as they come
  --seconds N         ends after so long
  --count N           ends after so many records
`;

const FLUSH_MS = 500;

export async function collect(argv: readonly string[], io: ProgramIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      listen: { type: 'string' },
      netflow: { type: 'string' },
      ipfix: { type: 'string' },
      'ipfix-tcp': { type: 'string' },
      sflow: { type: 'string' },
      allow: { type: 'string' },
      read: { type: 'string', short: 'r', multiple: true },
      write: { type: 'string', short: 'w' },
      json: { type: 'string' },
      csv: { type: 'string' },
      fields: { type: 'string' },
      zeek: { type: 'string' },
      'json-logs': { type: 'boolean' },
      gzip: { type: 'boolean' },
      rotate: { type: 'string' },
      'no-stitch': { type: 'boolean' },
      'no-scale': { type: 'boolean' },
      seconds: { type: 'string' },
      count: { type: 'string' },
    },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return 0;
  }
  const rotateS = wholeNumber('rotate', values.rotate, 1, 31_536_000);
  const outputs = await openOutputs(
    {
      ...given('argus', values.write),
      ...given('json', values.json),
      ...given('csv', values.csv),
      ...given('fields', values.fields?.split(',')),
      ...given('zeek', values.zeek),
      zeekJson: values['json-logs'] ?? false,
      gzip: values.gzip ?? false,
      ...given('rotateMs', rotateS === undefined ? undefined : rotateS * 1000),
    },
    io,
    { nowMs: Date.now, monotonicMs: () => performance.now() },
  );
  if (outputs.length === 0) throw usage('nowhere to write: give -w, --json, --csv or --zeek');
  const limit = new Limit(wholeNumber('count', values.count, 1, Number.MAX_SAFE_INTEGER), outputs);
  const isStitching = !values['no-stitch'];
  const scaleBySampling = !values['no-scale'];
  try {
    if (values.read !== undefined) await readFiles(values.read, limit, { isStitching, scaleBySampling }, io);
    else {
      const ports = {
        ...given('netflowPort', wholeNumber('netflow', values.netflow, 0, 65_535)),
        ...given('ipfixPort', wholeNumber('ipfix', values.ipfix, 0, 65_535)),
        ...given('ipfixTcpPort', wholeNumber('ipfix-tcp', values['ipfix-tcp'], 0, 65_535)),
        ...given('sflowPort', wholeNumber('sflow', values.sflow, 0, 65_535)),
      };
      const collector = new Collector(limit.take, {
        ...(Object.keys(ports).length === 0 ? { netflowPort: NETFLOW_PORT } : ports),
        ...given('host', values.listen),
        ...given('allow', values.allow?.split(',')),
        ...(isStitching ? { stitch: {} } : {}),
        scaleBySampling,
        nowMs: Date.now,
      });
      await listen(collector, limit, wholeNumber('seconds', values.seconds, 1, 31_536_000), outputs, io);
    }
  } finally {
    await Promise.all(outputs.map((output) => output.close()));
  }
  return 0;
}

/** Ends the work after so many records. */
class Limit {
  records = 0;
  readonly reached: Promise<void>;
  readonly #most: number;
  readonly #outputs: readonly FlowOutput[];
  #end: () => void = () => {};

  constructor(most: number | undefined, outputs: readonly FlowOutput[]) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#outputs = outputs;
    this.reached = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  readonly take: RecordSink = (record) => {
    if (this.records >= this.#most) return;
    this.records++;
    for (const output of this.#outputs) output.write(record);
    if (this.records >= this.#most) this.#end();
  };

  get isReached(): boolean {
    return this.records >= this.#most;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.flush()));
  }
}

async function readFiles(
  paths: readonly string[],
  limit: Limit,
  options: { readonly isStitching: boolean; readonly scaleBySampling: boolean },
  io: ProgramIo,
): Promise<void> {
  const stitcher = options.isStitching ? new Stitcher(limit.take) : null;
  const record = new FlowRecord();
  for (const path of paths) {
    const exporter = new ExporterState({ scaleBySampling: options.scaleBySampling });
    for await (const batch of readFlowFile(path, { exporter, stdin: io.stdin })) {
      for (let index = 0; index < batch.count; index++) {
        record.at(batch, batch.address(index));
        if (stitcher === null) limit.take(record);
        else stitcher.add(record);
      }
      await limit.flush();
      if (limit.isReached || io.signal.aborted) break;
    }
    stitcher?.flush();
    tell(io, path, exporter);
  }
}

async function listen(
  collector: Collector,
  limit: Limit,
  seconds: number | undefined,
  outputs: readonly FlowOutput[],
  io: ProgramIo,
): Promise<void> {
  const ports = await collector.start();
  const open = Object.entries(ports).map(([name, port]) => `${name} ${port}`);
  io.stderr.write(`listening: ${open.join(', ')}\n`);
  let failure: unknown;
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const timer = setInterval(() => {
    Promise.all(outputs.map((output) => output.flush())).catch((error) => {
      failure = error;
      fail();
    });
  }, FLUSH_MS);
  let alarm: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener('abort', () => resolve(), { once: true });
    if (seconds !== undefined) alarm = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([over, limit.reached, failed]);
  clearInterval(timer);
  clearTimeout(alarm);
  await collector.stop();
  for (const { address, state } of collector.exporters.list()) tell(io, address, state);
  if (collector.refused > 0) io.stderr.write(`${collector.refused} messages of others were refused\n`);
  if (failure !== undefined) throw failure;
}

/** What was counted of an exporter; zeroes are left out. */
function tell(io: ProgramIo, name: string, { counters }: ExporterState): void {
  const told = Object.entries(counters).filter(([, count]) => count > 0);
  io.stderr.write(`${name}: ${told.map(([what, count]) => `${what} ${count}`).join(', ') || 'nothing'}\n`);
}
