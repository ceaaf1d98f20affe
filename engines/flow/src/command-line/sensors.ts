/** `undercroft flow sensors`: interfaces that are listened on and exporters that are collected from, with what they lost. */
import type { Command, FlowExporterCounters } from '@undercroft/kernel';
import { isJson, short } from './options.ts';

type Sensor = {
  readonly interface: string;
  readonly packets: number;
  readonly dropped: number;
  readonly flows: number;
  readonly records: number;
  readonly recordsLost: number;
  readonly packetsPerSecond: number;
  readonly bitsPerSecond: number;
};

type Exporter = Omit<FlowExporterCounters, 'lastUs'> & { readonly lastAt?: string };

export const command: Command = {
  name: 'sensors',
  summary: 'where flows come from: interfaces and exporters, with what was lost',
  options: { exporters: { type: 'boolean', short: 'e', summary: 'exporters instead of interfaces' } },
  examples: [
    { line: 'undercroft flow sensors', does: 'interfaces, with their rates' },
    { line: 'undercroft flow sensors -e', does: 'exporters of NetFlow, IPFIX, sFlow and Argus' },
  ],
  async run(call) {
    const json = isJson(call);
    if (call.options['exporters'] === true) {
      const { items } = await call.client.request<{ items: readonly Exporter[] }>('GET', '/flows/exporters');
      call.print(
        json
          ? items
          : items.map(({ exporter, protocol, records, sequenceLost, unknownDropped, malformed, lastAt, trouble }) => ({
              exporter,
              protocol,
              records,
              lost: sequenceLost,
              'not understood': unknownDropped + malformed,
              last: lastAt?.slice(0, 19) ?? 'never',
              trouble: trouble ?? '',
            })),
      );
      return 0;
    }
    const { items } = await call.client.request<{ items: readonly Sensor[] }>('GET', '/flows/sensors');
    call.print(
      json
        ? items
        : items.map(({ interface: name, packets, dropped, flows, recordsLost, packetsPerSecond, bitsPerSecond }) => ({
            interface: name,
            flows,
            'packets/s': short(packetsPerSecond),
            'bit/s': short(bitsPerSecond),
            packets: short(packets),
            dropped,
            'records lost': recordsLost,
          })),
    );
    return 0;
  },
};
