import { join } from 'node:path';
import { eachRecord, openCapture } from '@undercroft/packet';
import { captureFolder } from '@undercroft/packet/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SflowDecoder } from '../sflow/language/datagram.ts';
import { ExporterState } from './language/exporter.ts';
import { NetflowDecoder } from './language/message.ts';
import { join as bytesOf, set, specifiers, u16, v9 } from './testing/messages.ts';

const folder = captureFolder();
/** Ethernet, IPv4 and UDP. */
const HEADER_BYTES = 42;

async function datagrams(name: string): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const block of openCapture(join(folder ?? '', name))) {
    eachRecord(block, (at, captured) => found.push(block.bytes.slice(at + HEADER_BYTES, at + captured)));
  }
  return found;
}

describe(`a capture of NetFlow 9${folder === null ? ' (skipped: no captures here)' : ''}`, {
  skip: folder === null,
}, () => {
  it('whose templates were sent before is held back, and read when one comes', async () => {
    const exporter = new ExporterState();
    const decoder = new NetflowDecoder();
    let records = 0;
    const captured = await datagrams('ndpi/default/pcap/netflowv9.pcap');
    for (const each of captured) decoder.decode(each, exporter, () => records++);
    expect(records).toBe(0);
    expect(exporter.counters).toMatchObject({ messages: captured.length, malformed: 0, unsupported: 0 });
    expect(exporter.counters.unknownTemplateSets).toBeGreaterThan(0);
    const head = new DataView((captured[0] as Uint8Array).buffer);
    const [domain, id] = [head.getUint32(16), head.getUint16(20)];
    const template = bytesOf(
      u16(id, 2),
      specifiers([
        [8, 4],
        [12, 4],
      ]),
    );
    decoder.decode(v9({ domain }, set(0, template)), exporter, () => records++);
    expect(exporter.counters.heldSetsReplayed).toBeGreaterThan(0);
    expect(records).toBeGreaterThan(100);
  });

  it('is read without an error however its bytes are changed, by all decoders', async () => {
    const captured = await datagrams('ndpi/default/pcap/netflowv9.pcap');
    const exporter = new ExporterState();
    const netflow = new NetflowDecoder();
    const sflow = new SflowDecoder();
    fc.assert(
      fc.property(
        fc.constantFrom(...captured),
        fc.array(fc.tuple(fc.nat(1400), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 30 }),
        (seed, changes) => {
          const bytes = seed.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          netflow.decode(bytes, exporter, () => {});
          sflow.decode(bytes, exporter, 0, () => {});
        },
      ),
      { numRuns: 1000 },
    );
  });
});
