/** `undercroft flow top`: who and what moves most, asked of the archive. */
import { type Command, FLOW_DIMENSIONS, FLOW_MEASURES, type FlowTotal } from '@undercroft/kernel';
import { FILTER_OPTIONS, isJson, LIMIT_OPTION, oneOf, questionPath, short } from './options.ts';

type Total = Omit<FlowTotal, 'firstUs' | 'lastUs'> & { readonly firstAt: string; readonly lastAt: string };

/** Names of the parts of a key, where it has several. */
const KEY_NAMES: Readonly<Record<string, readonly string[]>> = {
  pair: ['source', 'destination'],
  conversation: ['source', 'destination', 'port', 'protocol'],
  port: ['protocol', 'port'],
  path: ['source', 'application', 'protocol', 'port', 'destination'],
};

export const command: Command = {
  name: 'top',
  summary: 'who and what moves most',
  options: {
    by: { type: 'string', value: 'WHAT', summary: FLOW_DIMENSIONS.join(', '), default: 'source' },
    measure: { type: 'string', value: 'WHAT', summary: FLOW_MEASURES.join(', '), default: 'bytes' },
    ...LIMIT_OPTION,
    ...FILTER_OPTIONS,
  },
  examples: [
    { line: 'undercroft flow top', does: 'the busiest sources of the last hour' },
    {
      line: 'undercroft flow top --by conversation --from -1d --port 443',
      does: "a day's busiest conversations over TLS",
    },
    {
      line: 'undercroft flow top --by destination --measure flows --source 10.0.0.5 --output json',
      does: 'whom a host calls most often',
    },
  ],
  async run(call) {
    const by = oneOf(call, 'by', FLOW_DIMENSIONS, 'top');
    oneOf(call, 'measure', FLOW_MEASURES, 'top');
    const names = ['by', 'measure', 'limit', ...Object.keys(FILTER_OPTIONS)];
    const { items } = await call.client.request<{ items: readonly Total[] }>(
      'GET',
      questionPath('/flows/top', call, names),
    );
    const count = isJson(call) ? (value: number) => value : short;
    call.print(
      items.map(({ key, bytesOut, bytesIn, packetsOut, packetsIn, records, firstAt, lastAt }) => ({
        ...Object.fromEntries((KEY_NAMES[by] ?? [by]).map((name, index) => [name, key[index] ?? null])),
        bytesOut: count(bytesOut),
        bytesIn: count(bytesIn),
        packetsOut: count(packetsOut),
        packetsIn: count(packetsIn),
        records,
        firstAt,
        lastAt,
      })),
    );
    return 0;
  },
};
