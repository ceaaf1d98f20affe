/** `node run.ts SCENARIO`: runs one scenario of live capture in this network namespace and prints what came of it. */
import { execFileSync } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';
import { PacketDecoder } from '../../decode/decoder.ts';
import { ABSOLUTE, type BpfInstruction, HALF, JEQ, JMP, LD, RET } from '../../filter/program.ts';
import type { CaptureError } from '../errors.ts';
import type { Fanout } from '../fanout.ts';
import { FrameSender } from '../inject.ts';
import { findInterface, type NetworkInterface } from '../interfaces.ts';
import { type LiveCapture, type LiveCaptureOptions, startCapture } from '../live.ts';
import type { RingBlock } from '../ring.ts';
import { interfaceRequest } from '../syscalls.ts';
import { type FrameParts, frameOf } from './frames.ts';

interface Seen {
  readonly data: Uint8Array;
  readonly wireBytes: number;
  readonly tci: number;
  readonly tpid: number;
  readonly outgoing: boolean;
  readonly timeS: number;
  readonly interface: number;
}

const SMALL = { blockBytes: 65_536, blocks: 16, retireMs: 5, waitMs: 5 };
const SETTLE_MS = 120;
const UDP_FRAME: FrameParts = { source: 0x0a000001, destination: 0x0a000002, sourcePort: 1000, destinationPort: 53 };
const OTHER_TYPE = 0x88b5;
const NOBODY = 65534;
const TUNSETIFF = 0x400454ca;
/** IFF_TUN, IFF_NO_PI. */
const TUN_WITHOUT_HEADER = 0x1001n;

const SCENARIOS: Readonly<Record<string, () => Promise<unknown>>> = {
  async all() {
    const live = startCapture({ interfaces: ['far'] });
    const seen = collect(live);
    let sent = 0;
    for (let first = 0; first < 20_000; first += 1000) {
      sent += send(
        'near',
        Array.from({ length: 1000 }, (_, index) => frameOf({ ...UDP_FRAME, mark: first + index })),
      );
    }
    const frames = await seen.stop();
    const inOrder = frames.every(({ data }, index) => Buffer.from(data).readUInt32BE(data.length - 4) === index);
    const { packets, drops, blocks } = live.totals();
    const nowS = Date.now() / 1000;
    const timely = frames.every(({ timeS }) => Math.abs(timeS - nowS) < 60);
    return { sent, seen: frames.length, inOrder, timely, packets, drops, blocks: blocks > 0 };
  },

  async vlan() {
    const seen = collect(startCapture({ interfaces: ['far'], ...SMALL }));
    send('near', [frameOf({ ...UDP_FRAME, vlan: 0x6064 }), frameOf(UDP_FRAME)]);
    return (await seen.stop()).map(({ data, wireBytes, tci, tpid }) => [data.length, wireBytes, tci, tpid]);
  },

  /** Through the decoder, as a user of packets sees them. */
  async decoded() {
    const decoder = new PacketDecoder();
    const live = startCapture({ interfaces: ['far'], ...SMALL });
    const end = new AbortController();
    const found: unknown[] = [];
    const running = live.run((block) => {
      decoder.loadRing(block);
      for (let count = decoder.next(); count > 0; count = decoder.next()) {
        for (let index = 0; index < count; index++) {
          const { sourceText, sourcePort, destinationPort, protocol, strippedTci, meta } = decoder.packet(index);
          found.push([sourceText, sourcePort, destinationPort, protocol, strippedTci, meta]);
        }
      }
    }, end.signal);
    send('near', [frameOf({ ...UDP_FRAME, vlan: 100 }), frameOf({ ...UDP_FRAME, version: 6 })]);
    send('far', [frameOf(UDP_FRAME)], true);
    await settle();
    end.abort();
    await running;
    live.close();
    return { found, broken: decoder.brokenBlocks };
  },

  async drops() {
    const live = startCapture({ interfaces: ['far'], ...SMALL, blocks: 2 });
    const sent = send('near', repeat(1000)) + send('near', repeat(1000));
    const full = live.totals();
    const more = send('near', repeat(1000));
    const end = live.totals();
    live.close();
    return {
      balanced: full.packets + full.drops === sent && end.packets + end.drops === sent + more,
      dropped: full.drops > 0 && end.drops > full.drops,
      frozen: end.freezes > 0,
    };
  },

  async filter() {
    const live = startCapture({ interfaces: ['far'], ...SMALL, filterFor: () => byType(OTHER_TYPE, 34) });
    const seen = collect(live);
    const mixed = Array.from({ length: 100 }, (_, index) =>
      frameOf({ ...UDP_FRAME, mark: index, ...(index % 2 === 0 ? { etherType: OTHER_TYPE } : {}) }),
    );
    send('near', mixed);
    await settle();
    const first = [...seen.frames];
    live.setFilter(() => byType(0x0800, 1000));
    send('near', mixed);
    const frames = (await seen.stop()).slice(first.length);
    const types = (of: readonly Seen[]) => [...new Set(of.map(({ data }) => Buffer.from(data).readUInt16BE(12)))];
    return { first: [first.length, types(first), first[0]?.data.length], second: [frames.length, types(frames)] };
  },

  fanoutByFlow: () => fanout({ group: 7, by: 'flow' }, false),
  fanoutByHosts: () => fanout({ group: 8, by: 'hosts' }, true),

  async promiscuous() {
    const before = promiscuity();
    const live = startCapture({ interfaces: ['far'], ...SMALL, mirror: true });
    const during = promiscuity();
    const seen = collect(live);
    send('far', repeat(10), true);
    send('near', repeat(3));
    const frames = await seen.stop();
    return { before, during, after: promiscuity(), seen: frames.length };
  },

  async outgoing() {
    const seen = collect(startCapture({ interfaces: ['far'], ...SMALL }));
    send('far', repeat(2), true);
    send('near', repeat(3));
    const marks = (await seen.stop()).map(({ outgoing }) => outgoing);
    const loopback = collect(startCapture({ interfaces: ['lo'], ...SMALL }));
    send('lo', repeat(4), true);
    return { marks, loopback: (await loopback.stop()).length };
  },

  async comeAndGo() {
    const events: string[] = [];
    const live = startCapture({
      interfaces: ['any'],
      rescanMs: 20,
      waitMs: 5,
      onEvent: ({ kind, interface: name, number }) => events.push(`${kind} ${name} ${number}`),
    });
    const seen = collect(live);
    const ip = (...words: string[]) => execFileSync('ip', words);
    ip('link', 'add', 'later', 'type', 'veth', 'peer', 'name', 'unused');
    ip('link', 'set', 'later', 'up');
    await settle();
    ip('link', 'del', 'later');
    ip('link', 'set', 'far', 'down');
    await settle();
    ip('link', 'set', 'far', 'up');
    await settle();
    send('near', repeat(5));
    const frames = await seen.stop();
    const far = Number(events.find((event) => event.startsWith('opened far'))?.split(' ')[2]);
    return { events, seen: frames.filter((frame) => frame.interface === far).length };
  },

  /** A tunnel has no link layer. */
  async tunnel() {
    const tunnel = openSync('/dev/net/tun', 'r+');
    interfaceRequest(tunnel, TUNSETIFF, 'tunnel', TUN_WITHOUT_HEADER);
    execFileSync('ip', ['link', 'set', 'tunnel', 'up']);
    const seen = collect(startCapture({ interfaces: ['tunnel'], ...SMALL }));
    const packet = frameOf(UDP_FRAME).subarray(14);
    writeSync(tunnel, packet);
    const frames = await seen.stop();
    const { linkType } = findInterface('tunnel') as NetworkInterface;
    return { linkType, seen: frames.length, same: Buffer.compare(frames[0]?.data ?? new Uint8Array(), packet) === 0 };
  },

  /** Of a user without capabilities. */
  async unprivileged() {
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
    try {
      startCapture({ interfaces: ['lo'] }).close();
      return null;
    } catch (error) {
      const { code, message, fix } = error as CaptureError;
      return { code, message, fix };
    }
  },

  async wrong() {
    const codes: unknown[] = [];
    const attempts: Partial<LiveCaptureOptions>[] = [
      { interfaces: ['nowhere'] },
      { filterFor: () => [{ code: 0xffff, jt: 0, jf: 0, k: 0 }] },
      { filterFor: () => [] },
      { blockBytes: 70_000 },
    ];
    for (const attempt of attempts) {
      try {
        startCapture({ interfaces: ['far'], ...attempt }).close();
        codes.push('none');
      } catch (error) {
        codes.push((error as { code: unknown }).code);
      }
    }
    return codes;
  },
};

/** Sends both directions of many conversations to two rings; says in which rings each was met. */
async function fanout(group: Fanout, fragments: boolean): Promise<unknown> {
  const frames: Uint8Array[] = [];
  for (let flow = 0; flow < 200; flow++) {
    const there = { source: 0x0a000001 + flow, destination: 0x0a800001, sourcePort: 2000 + flow, destinationPort: 80 };
    const back = { source: there.destination, destination: there.source, sourcePort: 80, destinationPort: 2000 + flow };
    for (const version of [4, 6] as const) {
      const mark = flow * 10 + version;
      frames.push(frameOf({ ...there, version, mark }), frameOf({ ...back, version, mark }));
      if (fragments && version === 4) frames.push(frameOf({ ...there, fragment: true, mark }));
    }
  }
  const rings = [0, 1].map(() => collect(startCapture({ interfaces: ['far'], ...SMALL, fanout: group })));
  const sent = send('near', frames);
  const perRing = await Promise.all(rings.map(({ stop }) => stop()));
  const met = new Map<number, Set<number>>();
  for (const [ring, seen] of perRing.entries()) {
    for (const { data } of seen) {
      const mark = Buffer.from(data).readUInt32BE(data.length - 4);
      met.set(mark, (met.get(mark) ?? new Set()).add(ring));
    }
  }
  return {
    complete: perRing.reduce((sum, { length }) => sum + length, 0) === sent,
    flows: met.size,
    torn: [...met.values()].filter(({ size }) => size > 1).length,
    shared: Math.min(...perRing.map(({ length }) => length)) > sent / 5,
  };
}

function collect(live: LiveCapture): { frames: Seen[]; stop: () => Promise<Seen[]> } {
  const frames: Seen[] = [];
  const end = new AbortController();
  const running = live.run((block) => frames.push(...packetsOf(block)), end.signal);
  return {
    frames,
    async stop() {
      await settle();
      end.abort();
      await running;
      live.close();
      return frames;
    },
  };
}

function packetsOf({ bytes, packets, interface: number }: RingBlock): Seen[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen: Seen[] = [];
  let at = view.getUint32(16, true);
  for (let count = 0; count < packets; count++) {
    const data = at + view.getUint16(at + 24, true);
    const tagged = (view.getUint32(at + 20, true) & 16) !== 0;
    seen.push({
      data: bytes.slice(data, data + view.getUint32(at + 12, true)),
      wireBytes: view.getUint32(at + 16, true),
      tci: tagged ? view.getUint32(at + 32, true) : 0,
      tpid: tagged ? view.getUint16(at + 36, true) : 0,
      outgoing: bytes[at + 58] === 4,
      timeS: view.getUint32(at + 4, true),
      interface: number,
    });
    at += view.getUint32(at, true);
  }
  return seen;
}

function send(name: string, frames: readonly Uint8Array[], seenBySender = false): number {
  const sender = new FrameSender(findInterface(name) as NetworkInterface, frames, { seenBySender });
  const sent = sender.send();
  sender.close();
  return sent;
}

function repeat(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => frameOf(UDP_FRAME));
}

function byType(etherType: number, bytes: number): BpfInstruction[] {
  return [
    { code: LD | HALF | ABSOLUTE, jt: 0, jf: 0, k: 12 },
    { code: JMP | JEQ, jt: 0, jf: 1, k: etherType },
    { code: RET, jt: 0, jf: 0, k: bytes },
    { code: RET, jt: 0, jf: 0, k: 0 },
  ];
}

function promiscuity(): number {
  const [link] = JSON.parse(execFileSync('ip', ['-d', '-j', 'link', 'show', 'far'], { encoding: 'utf8' }));
  return link.promiscuity;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

const scenario = SCENARIOS[process.argv[2] ?? ''];
if (scenario === undefined) throw new Error(`There is no scenario ${process.argv[2]}.`);
process.stdout.write(JSON.stringify(await scenario()));
