/** The thread that reads the wire: rings, flow table, and records as rows, all in one place so that no packet crosses threads. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { UndercroftError } from '@undercroft/kernel';
import { compileFilter, PacketDecoder } from '@undercroft/packet';
import { type CaptureEvent, type LiveCapture, type RingBlock, startCapture } from '@undercroft/packet/capture';
import { Places } from '../application/geo/places.ts';
import { Inspector } from '../application/inspect/inspector.ts';
import { LocalSockets } from '../application/process/sockets.ts';
import type { FlowAbout } from '../archive/about.ts';
import { AddressTexts } from '../archive/addresses.ts';
import { FlowColumns } from '../archive/columns.ts';
import { TransactionColumns } from '../archive/transaction-columns.ts';
import { RecordRelay } from '../collect/relay.ts';
import { ChunkBuilder } from '../packets/chunk.ts';
import type { RecordBatch } from '../record/batch.ts';
import * as word from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import { RowSender } from '../rows/sender.ts';
import { FlowTable } from '../table/flow-table.ts';
import { GENERATE_APP_BYTES, GENERATE_INSPECTION, GENERATE_TCP_PERFORMANCE } from '../table/options.ts';
import { ARGUS_SETTINGS } from '../table/settings.ts';
import { Leftovers } from './leftovers.ts';
import type { FromWire, ToWire, WireOptions } from './messages.ts';

const MAX_ROWS = 8_192;
const MAX_UNDER_WAY = 16 * MAX_ROWS;
const SEND_MS = 1_000;
const COUNT_MS = 5_000;
/** Reading which process owns which socket is dear. */
const SOCKETS_MS = 10_000;
/** The longest sleep while nothing comes: words from the sensor wait as long. */
const WAIT_MS = 250;
const BLOCK_BYTES = 262_144;
const BLOCKS_A_MIB = (1024 * 1024) / BLOCK_BYTES;

const NOTHING: FlowAbout = {};

const options = workerData as WireOptions;
const port = parentPort;
const stop = new AbortController();
const transactions = new TransactionColumns(options.origin, MAX_ROWS);
const inspector = options.inspect ? new Inspector({ sink: transactions }) : undefined;
const sockets = options.inspect
  ? new LocalSockets({ nowMs: () => performance.now(), refreshMs: SOCKETS_MS })
  : undefined;
const table = new FlowTable(
  {
    ...ARGUS_SETTINGS,
    intervalUs: Math.round(options.intervalS * 1e6),
    generate: GENERATE_TCP_PERFORMANCE | GENERATE_APP_BYTES | (options.inspect ? GENERATE_INSPECTION : 0),
    quirks: 0,
    maxFlows: options.maxFlows,
  },
  inspector,
);
const record = new FlowRecord();
const addresses = new AddressTexts();
const columns = new FlowColumns(options.origin, MAX_ROWS, addresses);
const leftovers = new Leftovers(addresses);
const keeper = options.keepBytes === undefined ? undefined : packetKeeper(options.keepBytes);
const relay = options.feed === undefined ? undefined : new RecordRelay(options.feed);
let places: Places | undefined;
const sender = new RowSender(MAX_UNDER_WAY, (rows) => tell({ kind: 'rows', rows }));
let sentMs = 0;
let countedMs = 0;

/** What a full ring cannot hold is lost: this thread goes before others. */
function goFirst(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_HIGH);
  } catch {
    // Without CAP_SYS_NICE it takes its turn like all; what is lost then is counted.
  }
}

function tell(message: FromWire, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer as ArrayBuffer[]);
}

function take(batch: RecordBatch): void {
  for (let index = 0; index < batch.count; index++) {
    record.at(batch, batch.address(index));
    // Before the archive's reading, which may turn it round.
    relay?.add(record);
    if (leftovers.take(record)) continue;
    columns.add(record, about());
    if (columns.full) send();
  }
}

/** What is known of the flow besides its record. */
function about(): FlowAbout {
  const type = record.get(word.FLOW_TYPE);
  if (type !== word.FLOW_IPV4 && type !== word.FLOW_IPV6) return NOTHING;
  const isIpv4 = type === word.FLOW_IPV4;
  const source = addresses.textOf(addresses.keyOf(record, word.SOURCE_ADDRESS, isIpv4));
  const destination = addresses.textOf(addresses.keyOf(record, word.DESTINATION_ADDRESS, isIpv4));
  return {
    facts: inspector?.facts(record.get(word.SEQUENCE)),
    owner: sockets?.find(
      record.get(word.PROTOCOL),
      source,
      record.get(word.SOURCE_PORT),
      destination,
      record.get(word.DESTINATION_PORT),
    ),
    source: places?.find(source),
    destination: places?.find(destination),
  };
}

function send(): void {
  sender.send(columns.take());
}

function sendAll(): void {
  leftovers.turn((sum) => {
    columns.addMerged(sum);
    if (columns.full) send();
  });
  send();
  for (const rows of transactions.take()) sender.send(rows);
}

function turn(capture: LiveCapture): void {
  const nowMs = performance.now();
  table.tick(Date.now() * 1000, take);
  if (nowMs - sentMs >= SEND_MS) {
    sentMs = nowMs;
    sendAll();
    relay?.flush();
    keeper?.flush();
  }
  if (nowMs - countedMs < COUNT_MS) return;
  countedMs = nowMs;
  count(capture);
}

/** The flow table's figures are this thread's: they stand with its first interface. */
function count(capture: LiveCapture): void {
  const counts = table.counts();
  const counters = capture.totals().interfaces.map(({ name, packets, drops }, index) => ({
    interface: name,
    packets,
    dropped: drops,
    bytes: index === 0 ? counts.bytes : 0,
    flows: index === 0 ? counts.flows : 0,
    evicted: index === 0 ? counts.evictedSingle + counts.evictedOther + counts.flowsRefused : 0,
    records: index === 0 ? counts.recordsSent : 0,
    recordsLost: index === 0 ? sender.lost + counts.recordsLost + transactions.lost : 0,
    merged: index === 0 ? leftovers.merged : 0,
  }));
  tell({ kind: 'counters', counters });
}

/** Decodes once more what is kept: its addresses go into the index. */
function packetKeeper(bytesPerPacket: number) {
  const decoder = new PacketDecoder();
  const builders = new Map<number, ChunkBuilder>();
  const builder = (linkType: number): ChunkBuilder => {
    let found = builders.get(linkType);
    if (found === undefined) {
      found = new ChunkBuilder(linkType, bytesPerPacket, (chunk) =>
        tell({ kind: 'chunk', chunk }, [chunk.bytes.buffer as ArrayBuffer]),
      );
      builders.set(linkType, found);
    }
    return found;
  };
  return {
    add(block: RingBlock): void {
      const into = builder(block.linkType);
      decoder.loadRing(block);
      for (let count = decoder.next(); count > 0; count = decoder.next())
        for (let index = 0; index < count; index++) into.add(decoder.packet(index));
    },
    flush(): void {
      for (const each of builders.values()) each.flush();
    },
  };
}

function describeEvent({ kind, interface: name, error }: CaptureEvent): FromWire {
  return { kind: 'interface', name, state: kind, text: error?.message ?? '' };
}

function openCapture(): LiveCapture {
  return startCapture({
    interfaces: options.interfaces,
    promiscuous: options.promiscuous,
    waitMs: WAIT_MS,
    blockBytes: BLOCK_BYTES,
    blocks: Math.max(4, options.ringMiB * BLOCKS_A_MIB),
    ...(options.fanout === undefined ? {} : { fanout: { group: options.fanout.group, by: 'flow' } }),
    filterFor: (linkType) =>
      options.filter === '' ? null : compileFilter(options.filter, { linkType, kernel: true }).instructions,
    onEvent: (event) => tell(describeEvent(event)),
  });
}

async function run(): Promise<void> {
  goFirst();
  if (options.places.length > 0) places = await Places.open(options.places);
  const capture = openCapture();
  try {
    await capture.run(
      (block) => {
        table.addBlock(block, take);
        keeper?.add(block);
      },
      stop.signal,
      () => turn(capture),
    );
  } finally {
    table.finish(take);
    inspector?.finish();
    sendAll();
    relay?.close();
    keeper?.flush();
    count(capture);
    capture.close();
  }
}

port?.on('message', (message: ToWire) => {
  if (message.kind === 'stop') stop.abort();
  else sender.taken(message.rows);
});
run()
  .catch((error: unknown) => {
    const { code, message, fix } = error as UndercroftError;
    tell({ kind: 'failed', code: code ?? 'flow.wire', message, ...(fix === undefined ? {} : { fix }) });
  })
  .finally(() => port?.close());
