/** `undercroft flow list`: flow records of the archive, newest first. */
import type { Command } from '@undercroft/kernel';
import { FILTER_OPTIONS, isJson, LIMIT_OPTION, questionPath } from './options.ts';

interface FlowItem {
  readonly timeAt: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export const command: Command = {
  name: 'list',
  summary: 'flow records, newest first',
  options: { ...LIMIT_OPTION, ...FILTER_OPTIONS },
  examples: [
    { line: 'undercroft flow list --address 192.168.1.20 -n 50', does: 'what a host did last' },
    { line: 'undercroft flow list --state RST --from -15m', does: 'connections that were reset' },
    { line: 'undercroft flow list --protocol icmp --output json', does: 'whole records, for other programs' },
  ],
  async run(call) {
    const { items } = await call.client.request<{ items: readonly FlowItem[] }>(
      'GET',
      questionPath('/flows', call, ['limit', ...Object.keys(FILTER_OPTIONS)]),
    );
    call.print(isJson(call) ? items.map(({ timeAt, attributes }) => ({ timeAt, ...attributes })) : items.map(shown));
    return 0;
  },
};

function shown({ timeAt, attributes }: FlowItem): Record<string, unknown> {
  const of = (name: string): unknown => attributes[name] ?? null;
  return {
    time: timeAt.slice(0, 23),
    protocol: of('connection_info.protocol_name'),
    source: end(of('src_endpoint.ip'), of('src_endpoint.port')),
    dir: of('flow.direction'),
    destination: end(of('dst_endpoint.ip'), of('dst_endpoint.port')),
    packets: Number(of('traffic.packets_out')) + Number(of('traffic.packets_in')),
    bytes: Number(of('traffic.bytes_out')) + Number(of('traffic.bytes_in')),
    state: of('flow.state'),
    application: of('app_name'),
    origin: of('flow.origin'),
  };
}

function end(address: unknown, port: unknown): string {
  const text = String(address ?? '');
  if (port === null) return text;
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}
