/**
 * The archive of flows: `node bench/flow-archive.ts [--flows 5000000] [--argus 1000000]`. Records that the flow table makes
 * of mixed traffic, repeated with other times, addresses, ports and numbers, are loaded into a real event store and moved
 * to Parquet: rows a second, bytes a flow (ra's default and TCP columns; the store's own and those of enrichment beside),
 * and the top talkers of all of them. Beside it `racluster -m saddr` and `rasort -m bytes` over an argus file of
 * `--argus` such flows, where they are installed: CPU seconds, scaled to as many flows.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Clock, EventColumn, EventRows } from '@undercroft/kernel';
import { SystemClock, silentLog } from '@undercroft/kernel/testing';
import { openCapture } from '@undercroft/packet';
import { FLOW_CLASS } from '../engines/flow/src/archive/class.ts';
import { FlowColumns } from '../engines/flow/src/archive/columns.ts';
import { FlowQuestions } from '../engines/flow/src/archive/questions.ts';
import { RecordEncoder } from '../engines/flow/src/argus/wire/encode.ts';
import { setManagement } from '../engines/flow/src/argus/wire/encode-management.ts';
import type { RecordBatch } from '../engines/flow/src/record/batch.ts';
import * as word from '../engines/flow/src/record/layout.ts';
import { FlowRecord, recordMemory } from '../engines/flow/src/record/record.ts';
import { FlowTable } from '../engines/flow/src/table/flow-table.ts';
import { GENERATE_APP_BYTES, GENERATE_TCP_PERFORMANCE } from '../engines/flow/src/table/options.ts';
import { ARGUS_SETTINGS } from '../engines/flow/src/table/settings.ts';
import { startEventStore } from '../platform/store/src/events/start.ts';
import { TEST_CONFIG } from '../platform/store/src/events/testing.ts';
import { writeMixed } from './flow/mixed-capture.ts';

const BATCH_ROWS = 8_192;
const TEMPLATE_PACKETS = 600_000;
/** What the flows would have come in: so many a second. */
const FLOWS_PER_SECOND = 5_000;
const HOUR_MS = 3_600_000;
const QUERIES = 5;
const DEFAULT_AND_TCP = "ra's default and TCP columns";
const STEP_ROWS = 20 * BATCH_ROWS;

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '5000000' },
    argus: { type: 'string', default: '1000000' },
    'hot-rows': { type: 'string', default: '100000' },
    memory: { type: 'string', default: '128' },
  },
});
const flows = Number(values.flows);
const argusFlows = Math.min(flows, Number(values.argus));

/** Goes with the flows. */
class BenchClock extends SystemClock {
  atUs = Date.UTC(2026, 2, 10) * 1000;

  override nowMs(): number {
    return Math.floor(this.atUs / 1000);
  }

  override nowUs(): number {
    return Math.floor(this.atUs);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'undercroft-bench-flows-'));
const clock = new BenchClock();
const firstUs = clock.atUs;
try {
  const templates = await makeTemplates();
  console.log(`${templates.length} template records of ${TEMPLATE_PACKETS} packets`);
  const cpu = await archive(templates);
  beside(templates, cpu);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Each a record of its own memory. */
async function makeTemplates(): Promise<Uint8Array[]> {
  const file = join(folder, 'mixed.pcap');
  writeMixed(file, { packets: TEMPLATE_PACKETS, flowsAtOnce: 5_000, packetsPerSecond: 100_000 });
  const table = new FlowTable({
    ...ARGUS_SETTINGS,
    generate: GENERATE_TCP_PERFORMANCE | GENERATE_APP_BYTES,
    quirks: 0,
  });
  const found: Uint8Array[] = [];
  const take = (batch: RecordBatch): void => {
    for (let index = 0; index < batch.count; index++) {
      const at = batch.address(index);
      found.push(batch.bytes.slice(at, at + word.RECORD_BYTES));
    }
  };
  for await (const block of openCapture(file)) table.addBlock(block, take);
  table.finish(take);
  rmSync(file);
  return found.filter((bytes) => new Uint32Array(bytes.buffer)[word.KIND] === word.KIND_FLOW);
}

/** Flow by flow; the record is used again. */
function* allFlows(templates: readonly Uint8Array[]): Generator<FlowRecord, never> {
  const memory = recordMemory(new ArrayBuffer(word.RECORD_BYTES));
  const record = new FlowRecord(memory);
  const random = xorshift(7);
  for (let number = 0; ; number++) {
    memory.bytes.set(templates[number % templates.length] as Uint8Array);
    // Records come when their interval is over, not when the flow began.
    const startUs = firstUs + (number / FLOWS_PER_SECOND) * 1e6 + (random() % 5e6);
    shift(record, startUs - record.get(word.START_S) * 1e6 - record.get(word.START_NS) / 1000);
    // Few talk much: the cube of an even chance.
    const client = Math.floor(20_000 * (random() / 2 ** 32) ** 3);
    const server = Math.floor(2_000 * (random() / 2 ** 32) ** 3);
    record.set(word.SOURCE_ADDRESS, bigEndian(0x0a000000 + client));
    record.set(word.DESTINATION_ADDRESS, bigEndian(0xc6336400 + server));
    record.set(word.SOURCE_PORT, 1024 + (random() % 64_000));
    record.set(word.SEQUENCE, number + (random() % 1_000));
    vary(record, word.SOURCE_BYTES, word.SOURCE_APP_BYTES, random() % 200);
    if (record.get(word.DESTINATION_BYTES) > 0)
      vary(record, word.DESTINATION_BYTES, word.DESTINATION_APP_BYTES, random() % 2_000);
    if (record.get(word.PROTOCOL) === 6) {
      for (const side of [word.TCP_SOURCE, word.TCP_DESTINATION]) {
        const moved = random();
        for (const at of [word.SIDE_SEQUENCE_BASE, word.SIDE_SEQUENCE, word.SIDE_ACK_BYTES])
          record.set(side + at, (record.get(side + at) + moved) >>> 0);
      }
      if (record.get(word.TCP_SYNACK_US) > 0) record.set(word.TCP_SYNACK_US, 200 + (random() % 80_000));
    }
    yield record;
  }
}

function vary(record: FlowRecord, bytes: number, appBytes: number, more: number): void {
  record.set(bytes, record.get(bytes) + more);
  record.set(appBytes, record.get(appBytes) + more);
}

function shift(record: FlowRecord, us: number): void {
  const pairs = [
    word.START_S,
    word.END_S,
    word.SOURCE_START_S,
    word.SOURCE_END_S,
    word.DESTINATION_START_S,
    word.DESTINATION_END_S,
  ];
  for (const at of pairs) {
    if (record.get(at) === 0) continue;
    const moved = record.get(at) * 1e6 + Math.floor(record.get(at + 1) / 1000) + us;
    record.set(at, Math.floor(moved / 1e6));
    record.set(at + 1, Math.floor(moved % 1e6) * 1000);
  }
}

async function archive(templates: readonly Uint8Array[]): Promise<number> {
  const store = await startEventStore({
    dataDir: folder,
    clock: clock satisfies Clock,
    log: {
      ...silentLog,
      warn: (fields, text) => console.error(text, fields),
      error: (fields, text) => console.error(text, fields),
    },
    classes: [FLOW_CLASS],
    config: {
      ...TEST_CONFIG,
      hotRows: Number(values['hot-rows']),
      memoryMiB: Number(values.memory),
      threads: 2,
      queryTimeoutMs: 60_000,
    },
    fail: (error) => {
      throw error;
    },
  });
  try {
    const events = store.events('flow');
    const columns = new FlowColumns('bench', BATCH_ROWS);
    const waiting: EventRows[] = [];
    const startMs = performance.now();
    const cpuStart = process.cpuUsage();
    const source = allFlows(templates);
    for (let made = 0; made < flows; ) {
      // In steps, so that no more waits than the queue holds.
      const upTo = Math.min(flows, made + STEP_ROWS);
      for (; made < upTo; made++) {
        columns.add(source.next().value);
        if (columns.full || made === upTo - 1) waiting.push(enriched(columns.take() as EventRows));
      }
      clock.atUs = firstUs + (made / FLOWS_PER_SECOND) * 1e6;
      await Promise.all(waiting.splice(0).map((rows) => events.writeRows(rows)));
    }
    const tookS = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(cpuStart);
    const childS = childCpuS(store.childPid as number);
    console.log(
      `loaded ${flows} flows in ${tookS.toFixed(1)} s: ${Math.round(flows / tookS)} rows/s; making and sending took ${((cpu.user + cpu.system) / flows).toFixed(2)} us of CPU a row, storing ${((childS * 1e6) / flows).toFixed(2)}`,
    );
    clock.atUs += 30 * HOUR_MS * 1000;
    for (let turn = 0; turn < 8; turn++) await store.maintain();
    const stats = await store.query.stats();
    console.log(`${stats.hotRows} hot, ${stats.events - stats.hotRows} in ${stats.files} files`);
    await sizes();
    return await ask(store);
  } finally {
    await store.stop();
  }
}

/** What the application layer would tell: a name for each of the protocols, of a third the rest. */
function enriched(rows: EventRows): EventRows {
  const random = xorshift(rows.timeUs[0] ?? 1);
  const coded = (texts: number, text: (n: number) => string): EventColumn => ({
    values: [null, ...Array.from({ length: texts }, (_, n) => text(n))],
    codes: Uint32Array.from({ length: rows.rows }, () => (random() % 3 === 0 ? 1 + (random() % texts) : 0)),
  });
  const columns = {
    ...rows.columns,
    app_name: coded(6, (n) => ['tls', 'http', 'dns', 'ssh', 'quic', 'ntp'][n] as string),
    'tls.sni': coded(3_000, (n) => `host${n}.example${n % 70}.com`),
    'tls.version': coded(2, (n) => ['TLS 1.2', 'TLS 1.3'][n] as string),
    'tls.ja4': coded(40, (n) => `t13d1516h2_8daaf6152771_${(n * 7919).toString(16).padStart(12, '0')}`),
    'process.name': coded(30, (n) => `program${n}`),
  };
  return { ...rows, columns };
}

/** Bytes of each group of columns in the files, as Parquet's own tables of contents say. */
async function sizes(): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const files = join(folder, 'events', '**', '*.parquet');
  const reader = await connection.runAndReadAll(
    `SELECT path_in_schema, sum(total_compressed_size) FROM parquet_metadata('${files}') GROUP BY 1 ORDER BY 2 DESC`,
  );
  const groups = new Map<string, number>();
  for (const [name, bytes] of reader.getRows() as [string, bigint][]) {
    const column = name.replaceAll('"', '').replaceAll(', ', '.');
    const group = groupOf(column);
    groups.set(group, (groups.get(group) ?? 0) + Number(bytes));
    console.log(`  ${column.padEnd(32)} ${(Number(bytes) / flows).toFixed(2)} bytes a flow`);
  }
  for (const [group, bytes] of groups) console.log(`${group.padEnd(34)} ${(bytes / flows).toFixed(2)} bytes a flow`);
  const onDisk = readdirSync(join(folder, 'events'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.parquet'))
    .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
  console.log(`all Parquet files                  ${(onDisk / flows).toFixed(2)} bytes a flow`);
  connection.closeSync();
  instance.closeSync();
}

/** `time_ns` is the flow's start; what the store adds for itself stands apart. */
function groupOf(column: string): string {
  if (column === 'time_ns') return DEFAULT_AND_TCP;
  if (!(column in FLOW_CLASS.attributes)) return "the store's own";
  if (/^(app_name|tls|process)/.test(column)) return 'enrichment';
  return /^(src_|dst_|conn|traffic|tcp|flow\.(flags|direction|state)$)/.test(column) ? DEFAULT_AND_TCP : "ra's others";
}

/** @returns seconds of one answer, the least of several */
async function ask(store: Awaited<ReturnType<typeof startEventStore>>): Promise<number> {
  const questions = new FlowQuestions(store.query);
  const times: number[] = [];
  for (let turn = 0; turn < QUERIES; turn++) {
    const cpuBefore = childCpuS(store.childPid as number);
    const startMs = performance.now();
    const { totals } = await questions.top('source', 'bytes', { fromUs: firstUs }, 20);
    const tookS = (performance.now() - startMs) / 1000;
    times.push(childCpuS(store.childPid as number) - cpuBefore);
    console.log(
      `top by source: ${tookS.toFixed(2)} s, ${times.at(-1)?.toFixed(2)} s of CPU, first ${totals[0]?.key[0]}`,
    );
  }
  return Math.min(...times);
}

function beside(templates: readonly Uint8Array[], oursS: number): void {
  if (spawnSync('racluster', ['-h']).error !== undefined) {
    console.log('racluster is not installed: no comparison');
    return;
  }
  const file = join(folder, 'flows.argus');
  const out = openSync(file, 'w');
  const encoder = new RecordEncoder();
  const management = new FlowRecord();
  const head = { idKind: 1, id: 0x0100007f, flowIntervalS: 5, managementIntervalS: 60, startUs: firstUs };
  setManagement(management, word.CAUSE_START, head, firstUs, 0);
  let parts: Uint8Array[] = [encoder.encode(management).slice()];
  const source = allFlows(templates);
  for (let number = 0; number < argusFlows; number++) {
    parts.push(encoder.encode(source.next().value).slice());
    if (parts.length < BATCH_ROWS) continue;
    writeSync(out, Buffer.concat(parts));
    parts = [];
  }
  writeSync(out, Buffer.concat(parts));
  closeSync(out);
  console.log(`argus' file: ${(statSync(file).size / argusFlows).toFixed(1)} bytes a flow`);
  const script = `racluster -F /dev/null -r ${file} -m saddr -w - | rasort -F /dev/null -r - -m bytes -N 20 -s saddr bytes`;
  const timed = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S %R'; time { ${script}; }`], { encoding: 'utf8' });
  const [user = 0, system = 0, wall = 0] = (timed.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const theirsS = ((user + system) * flows) / argusFlows;
  console.log(
    `racluster | rasort over ${argusFlows}: ${(user + system).toFixed(2)} s of CPU, ${wall.toFixed(2)} s; for ${flows}: ${theirsS.toFixed(2)} s of CPU`,
  );
  console.log(`ratio of CPU ${(theirsS / oursS).toFixed(1)}`);
}

function childCpuS(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function bigEndian(address: number): number {
  return new DataView(Uint32Array.of(address).buffer).getUint32(0, false);
}

function xorshift(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
