/**
 * The packet decoder and what stands on it: packets per CPU second of one thread, over a block of mixed traffic.
 *
 *     node bench/packet-decode.ts --packets 4000000
 *
 * The block is made here: TCP with and without options, UDP, DNS-sized packets, VLAN, VXLAN, and one in a hundred a
 * SYN. The aim: ten million packets a second decoded, so that a core has its time left for flows and rules.
 */
import { parseArgs } from 'node:util';
import { ipv4Frame, tcpFrame, udpPayload } from '../sources/packet/src/decode/testing/build.ts';
import { PacketDecoder, type RecordBlock } from '../sources/packet/src/index.ts';
import { StreamReassembler } from '../sources/packet/src/stream/reassembler.ts';

const AIM_PER_S = 10_000_000;
const BLOCK_PACKETS = 1000;
const ETHERNET = '001122334455665544332211';
const TIMESTAMPS = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];

const { values } = parseArgs({ options: { packets: { type: 'string', default: '4000000' } } });
const packets = Number(values.packets);

const block = mixedBlock();
console.log(
  `a block of ${BLOCK_PACKETS} packets, ${Math.round(block.bytes.length / BLOCK_PACKETS)} bytes each on average`,
);
run('framed and decoded', new PacketDecoder());
run('with checksums judged', new PacketDecoder({ checksums: true }));
const reassembling = new PacketDecoder();
run('with TCP reassembly', reassembling, new StreamReassembler(reassembling.module));

function run(name: string, decoder: PacketDecoder, reassembler?: StreamReassembler): void {
  const rounds = Math.ceil(packets / BLOCK_PACKETS);
  let events = 0;
  const round = () => {
    decoder.load(block);
    for (let count = decoder.next(); count > 0; count = decoder.next()) {
      if (reassembler === undefined) continue;
      reassembler.load(decoder.packetAddress(0), count);
      for (let told = reassembler.next(); told > 0; told = reassembler.next()) events += told;
    }
  };
  for (let warm = 0; warm < 50; warm++) round();
  const before = process.cpuUsage();
  for (let index = 0; index < rounds; index++) round();
  const { user, system } = process.cpuUsage(before);
  const perSecond = (rounds * BLOCK_PACKETS * 1e6) / (user + system);
  const text = `${(perSecond / 1e6).toFixed(2)} million packets a CPU second`;
  const bits = `${((perSecond * (block.bytes.length / BLOCK_PACKETS) * 8) / 1e9).toFixed(1)} Gbit/s`;
  console.log(
    `${name.padEnd(24)} ${text} (${bits}), ${(perSecond / AIM_PER_S).toFixed(2)} of the aim${events > 0 ? `, ${events} events` : ''}`,
  );
}

function mixedBlock(): RecordBlock {
  const next = new Map<number, number>();
  const records: Buffer[] = [];
  for (let index = 0; index < BLOCK_PACKETS; index++) {
    const frame = mixedFrame(index, next);
    const head = Buffer.alloc(16);
    head.writeUInt32LE(1_700_000_000, 0);
    head.writeUInt32LE(index, 4);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    records.push(head, frame);
  }
  return { bytes: Buffer.concat(records), littleEndian: true, nanoseconds: false, linkType: 1, interface: 0 };
}

function mixedFrame(index: number, next: Map<number, number>): Buffer {
  const ethernet = (type: string, inside: Uint8Array) => Buffer.concat([Buffer.from(ETHERNET + type, 'hex'), inside]);
  const fromPort = 1024 + (index % 50);
  const sequence = next.get(fromPort) ?? 1000;
  switch (index % 10) {
    case 0:
      return ethernet('0800', ipv4Frame({ protocol: 17, payload: udpPayload(Buffer.alloc(60), fromPort, 53) }));
    case 1:
      return ethernet('0800', tcpFrame({ fromPort, sequence, flags: index % 100 === 1 ? 'S' : 'A' }));
    case 2:
      return ethernet('81000064' + '0800', tcpFrame({ fromPort, sequence: 5, options: TIMESTAMPS }));
    case 3: {
      const inner = ethernet('0800', tcpFrame({ fromPort, sequence, data: Buffer.alloc(400) }));
      const vxlan = Buffer.concat([Buffer.from('0800000000000100', 'hex'), inner]);
      return ethernet('0800', ipv4Frame({ protocol: 17, payload: udpPayload(vxlan, 5555, 4789) }));
    }
    default: {
      const bytes = index % 3 === 0 ? 200 : 1400;
      next.set(fromPort, sequence + bytes);
      return ethernet('0800', tcpFrame({ fromPort, sequence, data: Buffer.alloc(bytes), options: TIMESTAMPS }));
    }
  }
}
