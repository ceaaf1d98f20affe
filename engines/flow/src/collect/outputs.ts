/** What the records of the wire go out to besides the archive: Argus' clients, collectors of NetFlow, logs. */
import { join } from 'node:path';
import { RecordServer } from '../argus/net/server.ts';
import { RecordOutputs } from '../argus/write/outputs.ts';
import { ARGUS_PORT } from '../argus/write/udp.ts';
import { CsvFormat } from '../logs/csv.ts';
import { toJsonLine } from '../logs/json.ts';
import { LogFile } from '../logs/log-file.ts';
import { belongsInConnLog, connLog } from '../logs/zeek/logs.ts';
import { ZeekWriter } from '../logs/zeek/writer.ts';
import { NETFLOW_PORT } from '../netflow/collector.ts';
import { hostAndPort } from '../netflow/command/options.ts';
import { makeEncoder } from '../netflow/encoder.ts';
import { UdpSender } from '../netflow/sender.ts';
import { compileFilter } from '../ra/filter/compile.ts';
import { HAS_FLOW, KIND, KIND_MANAGEMENT } from '../record/layout.ts';
import type { FlowRecord } from '../record/record.ts';
import type { ExportConfig, LogsConfig, ServeConfig } from './config.ts';
import type { ExchangeOptions, OutputTotals, PartState } from './messages.ts';

const MANAGEMENT_INTERVAL_S = 60;
/** Fits into one frame of Ethernet with IPv6 and UDP around it. */
const EXPORT_MESSAGE_BYTES = 1452;
const MIB = 1024 * 1024;

export interface Clocks {
  readonly nowUs: () => number;
  readonly monotonicMs: () => number;
}

interface Output {
  readonly name: string;
  /** Why it has stopped working. */
  trouble?: string | undefined;
  write(record: FlowRecord): void;
  /** Called about once a second. */
  flush(): Promise<void>;
  close(): Promise<void>;
  dropped(): number;
  clients?(): number;
}

export class Outputs {
  readonly #outputs: Output[] = [];
  readonly #failed: PartState[] = [];
  #records = 0;
  #lost = 0;

  /** Opens all that are asked for; one that cannot be opened is told of, the others work. */
  static async open(options: ExchangeOptions, clocks: Clocks): Promise<Outputs> {
    const outputs = new Outputs();
    const { serve, logs } = options;
    if (serve.argus.listen !== '')
      await outputs.#add(`argus clients on ${serve.argus.listen}`, (name) => openServer(name, serve, options, clocks));
    for (const one of options.export)
      await outputs.#add(`${one.format} to ${one.to}`, (name) => openExport(name, one, clocks));
    if (logs.folder !== '')
      await outputs.#add(`${logs.format} logs in ${logs.folder}`, async (name) => openLog(name, logs, clocks));
    return outputs;
  }

  async #add(name: string, open: (name: string) => Promise<Output>): Promise<void> {
    try {
      this.#outputs.push(await open(name));
    } catch (error) {
      this.#failed.push({ name, trouble: (error as Error).message });
    }
  }

  write(record: FlowRecord): void {
    if (record.get(KIND) === KIND_MANAGEMENT || !record.has(HAS_FLOW)) return;
    this.#records += 1;
    for (const output of this.#outputs) output.write(record);
  }

  /** Records that were lost on their way here. */
  lose(records: number): void {
    this.#lost += records;
  }

  async flush(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => watched(output, () => output.flush())));
  }

  async close(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => watched(output, () => output.close())));
  }

  totals(): OutputTotals {
    return {
      parts: [
        ...this.#failed,
        ...this.#outputs.map(({ name, trouble }) => (trouble === undefined ? { name } : { name, trouble })),
      ],
      records: this.#records,
      recordsLost: this.#lost,
      dropped: this.#outputs.reduce((sum, output) => sum + output.dropped(), 0),
      clients: this.#outputs.reduce((sum, output) => sum + (output.clients?.() ?? 0), 0),
    };
  }
}

/** Trouble stays told until something works again. */
async function watched(output: Output, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    output.trouble = undefined;
  } catch (error) {
    output.trouble = (error as Error).message;
  }
}

async function openServer(
  name: string,
  { argus }: ServeConfig,
  { intervalS }: ExchangeOptions,
  { nowUs, monotonicMs }: Clocks,
): Promise<Output> {
  const { host, port } = hostAndPort(argus.listen, ARGUS_PORT);
  const outputs = new RecordOutputs(
    {
      idKind: 0,
      id: 0,
      flowIntervalS: Math.max(1, Math.round(intervalS)),
      managementIntervalS: MANAGEMENT_INTERVAL_S,
      startUs: nowUs(),
    },
    nowUs,
  );
  const server = await RecordServer.listen({
    host,
    port,
    maxClients: argus.maxClients,
    head: outputs.head,
    greeting: () => outputs.greeting(),
    nowUs,
    compileFilter,
  });
  outputs.add(server);
  let statusMs = monotonicMs();
  return {
    name,
    write: (record) => outputs.write(record),
    async flush() {
      if (monotonicMs() - statusMs >= MANAGEMENT_INTERVAL_S * 1000) {
        statusMs = monotonicMs();
        outputs.status(server.clients.length);
      }
      await outputs.flush();
    },
    close: () => outputs.close(server.clients.length),
    dropped: () => outputs.dropped,
    clients: () => server.clients.length,
  };
}

async function openExport(name: string, one: ExportConfig[number], { nowUs, monotonicMs }: Clocks): Promise<Output> {
  const sender = await UdpSender.open({ ...hostAndPort(one.to, NETFLOW_PORT), monotonicMs });
  const encoder = makeEncoder(one.format, (message) => void sender.send(message), {
    maxBytes: EXPORT_MESSAGE_BYTES,
    domain: one.domain,
    nowMs: () => Math.floor(nowUs() / 1000),
    biflow: one.format === 'ipfix',
  });
  return {
    name,
    write: (record) => encoder.add(record),
    flush: async () => encoder.flush(),
    async close() {
      encoder.flush();
      await sender.close();
    },
    dropped: () => sender.counters.dropped + sender.counters.errors,
  };
}

type LogLines = Pick<LogFile, 'flush' | 'close' | 'dropped'> & { write(record: FlowRecord): void };

function openLog(name: string, config: LogsConfig, clocks: Clocks): Output {
  let log = logLines(config, clocks);
  let droppedBefore = 0;
  return {
    name,
    write: (record) => log.write(record),
    async flush() {
      try {
        await log.flush();
      } catch (error) {
        // The disk may have room again later: then a new file is begun.
        droppedBefore += log.dropped;
        log = logLines(config, clocks);
        throw error;
      }
    },
    close: () => log.close(),
    dropped: () => droppedBefore + log.dropped,
  };
}

function logLines({ folder, format, rotateMinutes, rotateMiB, gzip }: LogsConfig, { nowUs }: Clocks): LogLines {
  const nowMs = (): number => Math.floor(nowUs() / 1000);
  const options = { rotateMs: rotateMinutes * 60_000, rotateBytes: rotateMiB * MIB, gzip, nowMs };
  if (format === 'zeek') {
    const zeek = new ZeekWriter(connLog(), { folder, json: false, ...options });
    return linesOf(zeek.file, (record) => {
      if (belongsInConnLog(record)) zeek.write(record);
    });
  }
  if (format === 'csv') {
    const csv = new CsvFormat();
    const file = new LogFile({ path: join(folder, 'flows.csv'), header: () => `${csv.header}\n`, ...options });
    return linesOf(file, (record) => file.write(csv.line(record)));
  }
  const file = new LogFile({ path: join(folder, 'flows.json'), ...options });
  return linesOf(file, (record) => file.write(toJsonLine(record)));
}

function linesOf(file: LogFile, write: LogLines['write']): LogLines {
  return {
    write,
    flush: () => file.flush(),
    close: () => file.close(),
    get dropped() {
      return file.dropped;
    },
  };
}
