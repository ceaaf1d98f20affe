import type { CommandCall } from '@undercroft/kernel';
import { expect, it } from 'vitest';
import { command } from './top.ts';

const KEYS: Readonly<Record<string, readonly (string | number)[]>> = {
  source: ['10.0.0.5'],
  pair: ['10.0.0.5', '10.0.0.6'],
  conversation: ['10.0.0.5', '10.0.0.6', 443, 'tcp'],
  port: ['tcp', 443],
  path: ['10.0.0.5', 'tls', 'tcp', 443, '10.0.0.6'],
};

it('names each part of a key by what it is', async () => {
  const columns = async (by: string): Promise<Record<string, unknown>> => {
    let printed: readonly Record<string, unknown>[] = [];
    const item = { key: KEYS[by], bytesOut: 1, bytesIn: 2, packetsOut: 3, packetsIn: 4, records: 5 };
    const call = {
      positionals: [],
      options: { by, measure: 'bytes', output: 'json' },
      client: { request: async () => ({ items: [{ ...item, firstAt: '', lastAt: '' }] }) },
      print: (rows: typeof printed) => {
        printed = rows;
      },
    } as unknown as CommandCall;
    await command.run?.(call);
    return printed[0] as Record<string, unknown>;
  };
  expect(await columns('source')).toMatchObject({ source: '10.0.0.5' });
  expect(await columns('pair')).toMatchObject({ source: '10.0.0.5', destination: '10.0.0.6' });
  expect(await columns('conversation')).toMatchObject({ destination: '10.0.0.6', port: 443, protocol: 'tcp' });
  expect(await columns('port')).toMatchObject({ protocol: 'tcp', port: 443 });
  expect(await columns('path')).toMatchObject({
    source: '10.0.0.5',
    application: 'tls',
    port: 443,
    destination: '10.0.0.6',
  });
});
