/**
 * Writes captures for benches: mixed traffic of many flows at once, and a flood of single packets. The same seed gives
 * the same bytes.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const RECORD_BYTES = 16;
const CHUNK_BYTES = 4_194_304;
const START_S = 1_700_000_000;

export interface MixedCapture {
  readonly packets: number;
  readonly flowsAtOnce: number;
  readonly packetsPerSecond: number;
}

interface Flow {
  readonly client: number;
  readonly server: number;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly protocol: number;
  readonly packets: number;
  sent: number;
  clientSequence: number;
  serverSequence: number;
  id: number;
}

/** @returns bytes and flows written */
export function writeMixed(path: string, shape: MixedCapture): { bytes: number; flows: number } {
  const random = xorshift(0x5eed);
  const writer = new PcapWriter(path);
  const flows: Flow[] = [];
  let made = 0;
  for (let index = 0; index < shape.flowsAtOnce; index += 1) flows.push(newFlow(random, made++));
  for (let packet = 0; packet < shape.packets; packet += 1) {
    const at = random() % flows.length;
    let flow = flows[at] as Flow;
    if (flow.sent === flow.packets) {
      flow = newFlow(random, made++);
      flows[at] = flow;
    }
    writePacket(writer, flow, random, Math.floor((packet / shape.packetsPerSecond) * 1e6));
    flow.sent += 1;
  }
  writer.close();
  return { bytes: writer.bytes, flows: made };
}

/** One SYN from each of so many addresses. */
export function writeFlood(path: string, keys: number, packetsPerSecond: number): void {
  const writer = new PcapWriter(path);
  for (let key = 0; key < keys; key += 1) {
    const at = writer.record(60, 60, Math.floor((key / packetsPerSecond) * 1e6));
    writeIp(writer.chunk, at, 0x0b000000 + key, 0xc0a80001, 6, 46, key & 0xffff);
    writeTcp(writer.chunk, at + ETHERNET_BYTES + IP_BYTES, 1024 + (key % 60_000), 80, key * 7919, 0, 0x02);
  }
  writer.close();
}

function newFlow(random: () => number, number: number): Flow {
  const dice = random() % 100;
  const protocol = dice < 70 ? 6 : dice < 95 ? 17 : 1;
  return {
    client: 0x0a000000 + (random() % 20_000),
    server: 0xc6336400 + (random() % 2_000),
    clientPort: 1024 + (number % 64_000),
    serverPort: [80, 443, 53, 22, 8080, 5060][random() % 6] as number,
    protocol,
    packets: protocol === 1 ? 2 : 4 + (random() % 40),
    sent: 0,
    clientSequence: random(),
    serverSequence: random(),
    id: random() & 0xffff,
  };
}

function writePacket(writer: PcapWriter, flow: Flow, random: () => number, us: number): void {
  const toServer = flow.sent === 0 || (flow.sent !== 1 && random() % 5 < 2);
  const control = flow.protocol === 6 && (flow.sent < 3 || flow.sent >= flow.packets - 2);
  const payload = control ? 0 : toServer ? random() % 200 : 200 + (random() % 1_200);
  const header = flow.protocol === 6 ? TCP_BYTES : UDP_BYTES;
  const ipBytes = IP_BYTES + header + payload;
  const frameBytes = Math.max(60, ETHERNET_BYTES + ipBytes);
  const at = writer.record(frameBytes, frameBytes, us);
  const { chunk } = writer;
  const [from, to] = toServer ? [flow.client, flow.server] : [flow.server, flow.client];
  flow.id = (flow.id + 1) & 0xffff;
  writeIp(chunk, at, from, to, flow.protocol, ipBytes, flow.id);
  const l4 = at + ETHERNET_BYTES + IP_BYTES;
  const [sport, dport] = toServer ? [flow.clientPort, flow.serverPort] : [flow.serverPort, flow.clientPort];
  if (flow.protocol === 6) {
    const flags = flow.sent === 0 ? 0x02 : flow.sent === 1 ? 0x12 : flow.sent >= flow.packets - 2 ? 0x11 : 0x18;
    const sequence = toServer ? flow.clientSequence : flow.serverSequence;
    writeTcp(chunk, l4, sport, dport, sequence, toServer ? flow.serverSequence : flow.clientSequence, flags);
    const step = payload + (flow.sent < 2 ? 1 : 0);
    if (toServer) flow.clientSequence = (flow.clientSequence + step) >>> 0;
    else flow.serverSequence = (flow.serverSequence + step) >>> 0;
  } else if (flow.protocol === 17) {
    chunk.writeUInt16BE(sport, l4);
    chunk.writeUInt16BE(dport, l4 + 2);
    chunk.writeUInt16BE(UDP_BYTES + payload, l4 + 4);
    chunk.writeUInt16BE(0, l4 + 6);
    if (payload >= 2) chunk.writeUInt16BE(flow.clientPort, l4 + 8);
  } else {
    chunk[l4] = toServer ? 8 : 0;
    chunk[l4 + 1] = 0;
    chunk.writeUInt16BE(flow.clientPort, l4 + 4);
    chunk.writeUInt16BE(1, l4 + 6);
  }
}

function writeIp(
  chunk: Buffer,
  at: number,
  from: number,
  to: number,
  protocol: number,
  bytes: number,
  id: number,
): void {
  chunk.writeUInt32BE(0x02000000, at);
  chunk.writeUInt16BE(1, at + 4);
  chunk.writeUInt32BE(0x02000000, at + 6);
  chunk.writeUInt16BE(2, at + 10);
  chunk.writeUInt16BE(0x0800, at + 12);
  const ip = at + ETHERNET_BYTES;
  chunk.writeUInt16BE(0x4500, ip);
  chunk.writeUInt16BE(bytes, ip + 2);
  chunk.writeUInt16BE(id, ip + 4);
  chunk.writeUInt16BE(0x4000, ip + 6);
  chunk[ip + 8] = 64;
  chunk[ip + 9] = protocol;
  chunk.writeUInt16BE(0, ip + 10);
  chunk.writeUInt32BE(from >>> 0, ip + 12);
  chunk.writeUInt32BE(to >>> 0, ip + 16);
}

function writeTcp(
  chunk: Buffer,
  at: number,
  sport: number,
  dport: number,
  sequence: number,
  acknowledgement: number,
  flags: number,
): void {
  chunk.writeUInt16BE(sport, at);
  chunk.writeUInt16BE(dport, at + 2);
  chunk.writeUInt32BE(sequence >>> 0, at + 4);
  chunk.writeUInt32BE(acknowledgement >>> 0, at + 8);
  chunk[at + 12] = 0x50;
  chunk[at + 13] = flags;
  chunk.writeUInt16BE(65_535, at + 14);
  chunk.writeUInt32BE(0, at + 16);
}

/** A pcap file of Ethernet frames, written by the chunk. */
class PcapWriter {
  readonly chunk = Buffer.alloc(CHUNK_BYTES);
  bytes = 0;
  readonly #file: number;
  #used = 24;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.chunk.writeUInt32LE(0xa1b2c3d4, 0);
    this.chunk.writeUInt16LE(2, 4);
    this.chunk.writeUInt16LE(4, 6);
    this.chunk.writeUInt32LE(262_144, 16);
    this.chunk.writeUInt32LE(1, 20);
  }

  /** @param us since the capture's start @returns where the frame goes in `chunk` */
  record(capturedBytes: number, wireBytes: number, us: number): number {
    if (this.#used + RECORD_BYTES + capturedBytes > CHUNK_BYTES) this.#flush();
    const at = this.#used;
    this.chunk.writeUInt32LE(START_S + Math.floor(us / 1e6), at);
    this.chunk.writeUInt32LE(us % 1e6, at + 4);
    this.chunk.writeUInt32LE(capturedBytes, at + 8);
    this.chunk.writeUInt32LE(wireBytes, at + 12);
    this.#used = at + RECORD_BYTES + capturedBytes;
    return at + RECORD_BYTES;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.chunk, 0, this.#used);
    this.bytes += this.#used;
    this.#used = 0;
  }
}

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
