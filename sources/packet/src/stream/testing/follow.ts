/** What both sides of each TCP connection of a capture sent: by us, and by tshark's "follow stream". For tests. */
import { spawnSync } from 'node:child_process';
import { PacketDecoder } from '../../decode/decoder.ts';
import { FLAG_FRAGMENT } from '../../decode/flags.ts';
import { openCapture } from '../../file/capture.ts';
import { Defragmenter } from '../../fragment/defragmenter.ts';
import { STREAM_DATA, STREAM_GAP } from '../events.ts';
import { StreamReassembler } from '../reassembler.ts';

/** By direction: hexadecimal bytes; a gap is `[bytes]`. */
export interface Conversation {
  /** `address:port` of both, the first of which sent first. */
  readonly ends: readonly [string, string];
  readonly sent: readonly [string, string];
}

const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

export async function reassembled(file: string): Promise<Conversation[]> {
  const decoder = new PacketDecoder({ checksums: false });
  const defragmenter = new Defragmenter(decoder.module);
  const reassembler = new StreamReassembler(decoder.module);
  const found = new Map<number, { ends: [string, string]; sent: [string, string] }>();
  const take = (events: number) => {
    for (let index = 0; index < events; index++) {
      const event = reassembler.event(index);
      let conversation = found.get(event.serial);
      if (conversation === undefined) {
        const ends: [string, string] = [
          `${event.clientText}:${event.clientPort}`,
          `${event.serverText}:${event.serverPort}`,
        ];
        conversation = { ends, sent: ['', ''] };
        found.set(event.serial, conversation);
      }
      const direction = event.direction as 0 | 1;
      if (event.kind === STREAM_DATA) conversation.sent[direction] += Buffer.from(event.data).toString('hex');
      if (event.kind === STREAM_GAP) conversation.sent[direction] += `[${event.dataBytes}]`;
    }
  };
  const follow = (address: number, count: number) => {
    reassembler.load(address, count);
    for (let events = reassembler.next(); events > 0; events = reassembler.next()) take(events);
  };
  for await (const block of openCapture(file)) {
    decoder.load(block);
    for (let count = decoder.next(); count > 0; count = decoder.next()) {
      for (let index = 0; index < count; index++) {
        const packet = decoder.packet(index);
        const whole = packet.has(FLAG_FRAGMENT) ? defragmenter.push(packet.address) : packet;
        if (whole !== null) follow(whole.address, 1);
      }
    }
  }
  for (let events = reassembler.end(); events > 0; events = reassembler.end()) take(events);
  return [...found.values()];
}

/** @param streams how many, from the first */
export function followed(file: string, streams: number): Conversation[] {
  const taps = Array.from({ length: streams }, (_, stream) => ['-z', `follow,tcp,raw,${stream}`]).flat();
  const { stdout } = spawnSync('tshark', ['-n', '-q', '-r', file, ...taps], {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return stdout.split('Follow: tcp,raw').slice(1).map(conversationOf).reverse();
}

/** Text of one: a head, then a line for each run of bytes, those of the second side behind a tab. */
function conversationOf(text: string): Conversation {
  const lines = text.split('\n');
  const end = (number: number) => (lines.find((line) => line.startsWith(`Node ${number}: `)) ?? '').slice(8);
  const from = lines.findIndex((line) => line.startsWith('Node 1: '));
  const sent: [string, string] = ['', ''];
  for (const line of lines.slice(from + 1)) {
    if (line.startsWith('=')) break;
    sent[line.startsWith('\t') ? 1 : 0] += line.trim();
  }
  return { ends: [plain(end(0)), plain(end(1))], sent: [readGaps(sent[0]), readGaps(sent[1])] };
}

/** tshark writes an IPv6 address in brackets. */
function plain(end: string): string {
  return end.replace(/^\[(.*)\]:/, '$1:');
}

/** Its words about missing bytes stand among the bytes. */
function readGaps(hex: string): string {
  const words = Buffer.from('[NN bytes missing in capture file]').toString('hex');
  const [before, after] = [words.slice(0, 2), words.slice(6)];
  return hex.replace(
    new RegExp(`${before}((?:3[0-9])+)${after}(?:00)?`, 'g'),
    (_, digits: string) => `[${Buffer.from(digits, 'hex').toString()}]`,
  );
}
