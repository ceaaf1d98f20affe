/** Where collected records go: an argus file, JSON lines, CSV, Zeek's conn.log; several at a time. */
import type { Writable } from 'node:stream';
import { FileOutput, StreamOutput } from '../../argus/write/file.ts';
import { RecordOutputs } from '../../argus/write/outputs.ts';
import { CsvFormat } from '../../logs/csv.ts';
import { toJsonLine } from '../../logs/json.ts';
import { LogFile } from '../../logs/log-file.ts';
import { belongsInConnLog, connLog } from '../../logs/zeek/logs.ts';
import { ZeekWriter } from '../../logs/zeek/writer.ts';
import type { ProgramIo } from '../../program.ts';
import type { FlowRecord } from '../../record/record.ts';

export interface OutputPaths {
  /** `-` is standard output; so for the next two. */
  readonly argus?: string;
  readonly json?: string;
  readonly csv?: string;
  readonly fields?: readonly string[];
  /** Folder of conn.log. */
  readonly zeek?: string;
  readonly zeekJson?: boolean;
  readonly gzip?: boolean;
  readonly rotateMs?: number;
}

export interface Clocks {
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

export interface FlowOutput {
  write(record: FlowRecord): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const MANAGEMENT_INTERVAL_S = 60;

/** Opens all that are asked for. */
export async function openOutputs(paths: OutputPaths, io: ProgramIo, clocks: Clocks): Promise<FlowOutput[]> {
  const found: FlowOutput[] = [];
  if (paths.argus !== undefined) found.push(await argusOutput(paths.argus, io, clocks));
  if (paths.json !== undefined) found.push(lines(paths.json, toJsonLine, undefined, paths, io, clocks));
  if (paths.csv !== undefined) {
    const format = new CsvFormat(paths.fields);
    found.push(lines(paths.csv, (record) => format.line(record), format.header, paths, io, clocks));
  }
  if (paths.zeek !== undefined) found.push(zeekOutput(paths.zeek, paths, clocks));
  return found;
}

async function argusOutput(path: string, io: ProgramIo, { nowMs, monotonicMs }: Clocks): Promise<FlowOutput> {
  const head = {
    idKind: 0,
    id: 0,
    flowIntervalS: MANAGEMENT_INTERVAL_S,
    managementIntervalS: MANAGEMENT_INTERVAL_S,
    startUs: nowMs() * 1000,
  };
  const outputs = new RecordOutputs(head, () => nowMs() * 1000);
  const greeting = () => outputs.greeting();
  const output =
    path === '-' ? new StreamOutput(io.stdout, greeting()) : await FileOutput.open(path, { greeting, monotonicMs });
  outputs.add(output);
  return {
    write: (record) => outputs.write(record),
    flush: () => outputs.flush(),
    close: () => outputs.close(0),
  };
}

function lines(
  path: string,
  format: (record: FlowRecord) => string,
  header: string | undefined,
  { rotateMs = 0, gzip = false }: OutputPaths,
  io: ProgramIo,
  { nowMs }: Clocks,
): FlowOutput {
  if (path === '-') {
    if (header !== undefined) io.stdout.write(`${header}\n`);
    return {
      write: (record) => void io.stdout.write(`${format(record)}\n`),
      flush: () => flushed(io.stdout),
      close: () => flushed(io.stdout),
    };
  }
  const file = new LogFile({
    path,
    rotateMs,
    gzip,
    nowMs,
    ...(header === undefined ? {} : { header: () => `${header}\n` }),
  });
  return { write: (record) => file.write(format(record)), flush: () => file.flush(), close: () => file.close() };
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

function zeekOutput(
  folder: string,
  { zeekJson = false, gzip = false, rotateMs }: OutputPaths,
  { nowMs }: Clocks,
): FlowOutput {
  const rotation = rotateMs === undefined ? {} : { rotateMs };
  const writer = new ZeekWriter(connLog(), { folder, json: zeekJson, gzip, nowMs, ...rotation });
  return {
    write: (record) => {
      if (belongsInConnLog(record)) writer.write(record);
    },
    flush: () => writer.file.flush(),
    close: () => writer.file.close(),
  };
}
