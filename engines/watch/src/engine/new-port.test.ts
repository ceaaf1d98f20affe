import type {
  Asset,
  AssetRelation,
  HostInspect,
  Inventory,
  JsonObject,
  MetricsQuery,
  PlatformEvent,
} from '@undercroft/kernel';
import { ManualClock } from '@undercroft/kernel/testing';
import { describe, expect, it } from 'vitest';
import { describeNewPort, type NewPortParts, portThatAppeared } from './new-port.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const asset = (id: string, type: string, name: string, attributes: JsonObject = {}): Asset => ({
  id,
  tenant: 'default',
  type,
  name,
  attributes,
  keys: [],
  sources: ['metrics'],
  firstSeenUs: (NOW_MS - 3_600_000) * 1000,
  lastSeenUs: NOW_MS * 1000,
  present: true,
});

function partsOf(options: { port?: Partial<Asset>; host?: Partial<Asset>; listening?: boolean } = {}): NewPortParts {
  const assets = new Map<string, Asset>([
    [
      'p',
      {
        ...asset('p', 'port', 'tcp/9001 on db-02', { protocol: 'tcp', port: 9001, address: '0.0.0.0' }),
        ...options.port,
      },
    ],
    ['h', { ...asset('h', 'host', 'db-02'), ...options.host }],
  ]);
  const relation: AssetRelation = { type: 'runs-on', fromId: 'p', toId: 'h', firstSeenUs: 0, lastSeenUs: 0 };
  return {
    inventory: { get: async (id: string) => assets.get(id), relations: async () => [relation] } as unknown as Inventory,
    host: {
      listeners: async () =>
        options.listening === false
          ? []
          : [{ protocol: 'tcp', address: '0.0.0.0', port: 9001, pid: 48211, process: 'rclone', user: 'backup' }],
      processes: async () => ({
        total: 1,
        processes: [
          {
            pid: 48211,
            ppid: 1,
            name: 'rclone',
            command: 'rclone serve',
            user: 'backup',
            cpuPercent: 3,
            rssBytes: 1,
            readBps: 0,
            writeBps: 0,
            threads: 1,
            listens: [9001],
            startedUs: 5,
          },
        ],
      }),
    } as unknown as HostInspect,
    metrics: {
      query: async () => ({
        fromS: 0,
        stepS: 60,
        gaps: [],
        series: [{ host: 'db-02', chart: 'system.cpu', dimension: 'user', values: [28.7] }],
      }),
    } as unknown as MetricsQuery,
    clock: new ManualClock(NOW_MS),
    quietUs: 60e6,
  };
}

describe('a new open port', () => {
  it('joins asset, port, process and that minute', async () => {
    expect(await describeNewPort('p', partsOf())).toEqual({
      class: 'detection_finding',
      activity: 'create',
      severity: 'medium',
      tenant: 'default',
      assets: ['h', 'p'],
      message: 'tcp/9001 opened on db-02 by rclone (pid 48211, backup), open to the network',
      attributes: {
        'finding_info.uid': 'new-port:p',
        'finding_info.title': 'New open port tcp/9001',
        'device.uid': 'h',
        'device.hostname': 'db-02',
        evidences: {
          port: { id: 'p', number: 9001, address: '0.0.0.0', service: null },
          process: { pid: 48211, ppid: 1, name: 'rclone', command: 'rclone serve', user: 'backup', startedUs: 5 },
          metrics: { 'system.cpu.user': 28.7 },
        },
      },
    });
  });

  it.each([
    ['127.0.0.1', 'informational'],
    ['127.0.0.1, ::1', 'informational'],
    ['127.0.0.1, 192.0.2.1', 'medium'],
    ['::', 'medium'],
  ])('on %s is %s', async (address, severity) => {
    const port = { attributes: { protocol: 'tcp', port: 9001, address } };
    expect((await describeNewPort('p', partsOf({ port })))?.severity).toBe(severity);
  });

  it.each([
    ['the port has closed again', { port: { present: false } }],
    ['the host is new itself', { host: { firstSeenUs: NOW_MS * 1000 - 1e6 } }],
    ['nobody knows whose it is', { listening: false }],
  ])('is no news when %s', async (_why, options) =>
    expect(await describeNewPort('p', partsOf(options))).toBeUndefined(),
  );
});

describe('portThatAppeared', () => {
  const event = (more: Partial<PlatformEvent>): PlatformEvent =>
    ({
      id: 'e',
      class: 'device_inventory_info',
      activity: 'collect',
      assets: ['p'],
      attributes: { 'device.type': 'port' },
      ...more,
    }) as PlatformEvent;
  it.each([
    ['a port never seen', event({}), 'p'],
    [
      'a port that is back',
      event({
        class: 'device_config_state_change',
        activity: 'log',
        attributes: { 'device.type': 'port', changes: [{ field: 'present', before: false, after: true }] },
      }),
      'p',
    ],
    [
      'a port that went',
      event({
        class: 'device_config_state_change',
        activity: 'log',
        attributes: { 'device.type': 'port', changes: [{ field: 'present', before: true, after: false }] },
      }),
      undefined,
    ],
    ['a host', event({ attributes: { 'device.type': 'host' } }), undefined],
  ])('%s', (_what, given, id) => expect(portThatAppeared(given)).toBe(id));
});
