/** The thread of collectors and outputs: decodes what others export, and sends out what the wire has seen. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { decodeChunk } from '../argus/read/source.ts';
import { StreamDecoder } from '../argus/read/stream-decoder.ts';
import { FlowRecord } from '../record/record.ts';
import { RowSender } from '../rows/sender.ts';
import { Listeners } from './listeners.ts';
import type { ExchangeOptions, FeedChunk, FromExchange, ToExchange } from './messages.ts';
import { Outputs } from './outputs.ts';
import { OriginRows } from './rows.ts';
import { ArgusStreams } from './streams.ts';

const MAX_ROWS = 8_192;
const MAX_UNDER_WAY = 32 * MAX_ROWS;
/** From here on streams, which can wait, do. */
const ROOM_UNDER_WAY = 16 * MAX_ROWS;
const SEND_MS = 1_000;
const COUNT_MS = 5_000;
/** By then servers have answered. */
const FIRST_COUNT_MS = 500;
/** How long the wire's last records are waited for. */
const FEED_END_MS = 1_000;

const options = workerData as ExchangeOptions;
const port = parentPort;
const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
const rows = new OriginRows(MAX_ROWS);
const waiting: (() => void)[] = [];
const sender = new RowSender(MAX_UNDER_WAY, (taken) => tell({ kind: 'rows', rows: taken }));
let records = 0;

function tell(message: FromExchange): void {
  port?.postMessage(message);
}

function take(record: FlowRecord, origin: string): void {
  records += 1;
  rows.add(record, origin);
  if (rows.isFull) send();
}

function send(): void {
  sender.send(rows.take());
}

async function room(): Promise<void> {
  if (sender.underWay < ROOM_UNDER_WAY) return;
  await new Promise<void>((resolve) => waiting.push(resolve));
}

const listeners = new Listeners(options.collect, take, () => Math.floor(nowUs() / 1000));
const streams = new ArgusStreams({ sink: take, room, nowUs });
const outputs = await Outputs.open(options, { nowUs, monotonicMs: () => performance.now() });
const feeds = new Set<MessagePort>();
const fed: Promise<void>[] = [];

/** Records of a thread that reads the wire. */
function feed(from: MessagePort): void {
  const decoder = new StreamDecoder({ greeted: true });
  const record = new FlowRecord();
  feeds.add(from);
  from.on('message', ({ bytes, lost }: FeedChunk) => {
    outputs.lose(lost);
    for (const batch of decodeChunk(decoder, bytes)) {
      for (let index = 0; index < batch.count; index++) outputs.write(record.at(batch, batch.address(index)));
    }
    from.postMessage(1);
  });
  fed.push(new Promise((resolve) => from.once('close', resolve)));
}

function count(): void {
  tell({ kind: 'exporters', exporters: [...listeners.exporters(), ...streams.exporters()] });
  tell({
    kind: 'totals',
    collect: {
      parts: [...listeners.parts, ...streams.parts],
      records,
      recordsLost: sender.lost,
      refused: listeners.refused,
      forgotten: listeners.forgotten,
    },
    outputs: outputs.totals(),
  });
}

async function end(): Promise<void> {
  clearInterval(sending);
  clearInterval(counting);
  await Promise.race([Promise.all(fed), new Promise((resolve) => setTimeout(resolve, FEED_END_MS))]);
  for (const each of feeds) each.close();
  for (const go of waiting.splice(0)) go();
  await streams.stop();
  await listeners.stop();
  send();
  await outputs.close();
  count();
  port?.close();
}

const sending = setInterval(() => {
  send();
  void outputs.flush();
}, SEND_MS);
const counting = setInterval(count, COUNT_MS);

port?.on('message', (message: ToExchange) => {
  if (message.kind === 'feed') feed(message.port);
  else if (message.kind === 'stop') void end();
  else {
    sender.taken(message.rows);
    if (sender.underWay < ROOM_UNDER_WAY) for (const go of waiting.splice(0)) go();
  }
});
await listeners.start();
streams.start(options.collect.argus);
setTimeout(count, FIRST_COUNT_MS).unref();
