import { describe, expect, it } from 'vitest';
import { META_OUTGOING } from '../decode/layout.ts';
import { hostsProgram } from './fanout.ts';
import { captureRemarks, findInterface, listInterfaces } from './interfaces.ts';
import { inNamespace, whyNoNamespace } from './scenarios/namespace.ts';

const why = whyNoNamespace();

describe.skipIf(why !== null)(`live capture${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('sees all packets, in order, with the time of the kernel', () => {
    expect(inNamespace('all')).toEqual({
      sent: 20_000,
      seen: 20_000,
      inOrder: true,
      timely: true,
      packets: 20_000,
      drops: 0,
      blocks: true,
    });
  });

  it('tells the VLAN tag that the kernel took off', () => {
    expect(inNamespace('vlan')).toEqual([
      [46, 46, 0x6064, 0x8100],
      [46, 46, 0, 0],
    ]);
  });

  it('gives blocks that the decoder takes as they are', () => {
    expect(inNamespace('decoded')).toEqual({
      found: [
        ['10.0.0.1', 1000, 53, 17, 100, 0],
        ['fd00::a00:1', 1000, 53, 17, 0, 0],
        ['10.0.0.1', 1000, 53, 17, 0, META_OUTGOING],
      ],
      broken: 0,
    });
  });

  it('accounts for every packet that found no place, though the kernel forgets its counts', () => {
    expect(inNamespace('drops')).toEqual({ balanced: true, dropped: true, frozen: true });
  });

  it('lets pass what the filter accepts and no packet before it, and changes the filter while it runs', () => {
    expect(inNamespace('filter')).toEqual({ first: [50, [0x88b5], 34], second: [50, [0x0800]] });
  });

  it.each(['fanoutByFlow', 'fanoutByHosts'])('keeps both directions in one ring: %s', (scenario) => {
    expect(inNamespace(scenario)).toEqual({ complete: true, flows: 400, torn: 0, shared: true });
  });

  it('makes a mirror port promiscuous as long as it runs, and leaves out what this machine sends', () => {
    expect(inNamespace('promiscuous')).toEqual({ before: 0, during: 1, after: 0, seen: 3 });
  });

  it('marks what this machine sends; on loopback a packet shows once', () => {
    expect(inNamespace('outgoing')).toEqual({ marks: [true, true, false, false, false], loopback: 4 });
  });

  it('follows interfaces that come, go and come again', () => {
    const { events, seen } = inNamespace<{ events: string[]; seen: number }>('comeAndGo');
    const of = (name: string) =>
      events.filter((event) => event.includes(` ${name} `)).map((event) => event.split(' ')[0]);
    expect(of('later')).toEqual(['opened', 'closed']);
    expect(of('far')).toEqual(['opened', 'closed', 'opened', 'closed']);
    expect(seen).toBe(5);
  });

  it('reads an interface without link layer from the IP header on', () => {
    expect(inNamespace('tunnel')).toEqual({ linkType: 101, seen: 1, same: true });
  });

  it('says which capability is missing and what to do', () => {
    const { code, message, fix } = inNamespace<{ code: string; message: string; fix: string }>('unprivileged');
    expect(code).toBe('capture.permission');
    expect(message).toContain('lacks the capability CAP_NET_RAW');
    expect(fix).toContain('AmbientCapabilities=CAP_NET_RAW');
  });

  it('refuses what cannot be, by code', () => {
    expect(inNamespace('wrong')).toEqual(['capture.interface', 'capture.filter', 'capture.filter', 'capture.memory']);
  });
});

describe.skipIf(process.platform !== 'linux')('interfaces', () => {
  it('lists loopback with what a capture must know', () => {
    const loopback = listInterfaces().find(({ name }) => name === 'lo');
    expect(loopback).toMatchObject({ index: 1, linkType: 1, loopback: true, mac: null, speedMbps: null });
    expect(findInterface('lo')).toEqual(loopback);
    expect(findInterface('no-such-one')).toBeNull();
  });

  it('says in words what offloads do to a capture', () => {
    const lo = listInterfaces()[0] as NonNullable<ReturnType<typeof findInterface>>;
    const none = { gro: false, lro: false, gso: false, tso: false, txChecksum: false };
    expect(captureRemarks({ ...lo, offloads: none })).toEqual([]);
    const [joined] = captureRemarks({ ...lo, name: 'eth9', loopback: false, offloads: { ...none, gro: true } });
    expect(joined).toContain('ethtool -K eth9 gro off lro off');
  });
});

it('jumps within the program that shares by hosts', () => {
  const program = hostsProgram();
  for (const [index, { jt, jf }] of program.entries())
    expect(index + 1 + Math.max(jt, jf)).toBeLessThanOrEqual(program.length);
});
