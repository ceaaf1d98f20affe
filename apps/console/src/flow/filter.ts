/** The filter line of flows, and what it asks of the API: each field once, as it is. */
import { formatWord, type QueryField, splitLine, type Word } from '../ui/query-line/words.ts';
import type { LiveConversation } from './types.ts';

export const FIELDS: readonly QueryField[] = [
  { key: 'address', summary: 'either end' },
  { key: 'source', summary: 'who began it' },
  { key: 'destination', summary: 'who was called' },
  { key: 'port', summary: "either end's port", kind: 'number' },
  { key: 'protocol', summary: 'tcp, udp, icmp' },
  { key: 'application', summary: 'what was spoken: tls, dns, ssh' },
  { key: 'state', summary: 'CON, FIN, RST, INT' },
  { key: 'asset', summary: 'id of the asset it is about' },
  { key: 'origin', summary: 'sensor or exporter' },
  { key: 'sequence', summary: "the flow's number at its origin", kind: 'number' },
];

const KEYS: ReadonlySet<string> = new Set(FIELDS.map(({ key }) => key));
const STATES = /^(CON|INT|REQ|ACC|FIN|RST|CLO|TIM|RSP|EC[OR]|UR\w{1,4})$/;
const PROTOCOLS: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'icmp',
  'arp',
  'sctp',
  'gre',
  'esp',
  'igmp',
  'ipv6-icmp',
]);
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*:?[0-9a-f:.]*)$/i;

export type FlowParams = Readonly<Record<string, string>>;

export interface FlowLine {
  readonly params: FlowParams;
  /** What cannot be asked, in a sentence. */
  readonly error: string | undefined;
}

export function parseLine(line: string): FlowLine {
  const params: Record<string, string> = {};
  for (const word of splitLine(line)) {
    const [key, value] = meaning(word);
    if (!KEYS.has(key)) return { params, error: `There is no field ${key}.` };
    if (word.negated || word.op !== ':')
      return { params, error: `Flows are asked for by what they are: ${key}:${value}, not less, more or without it.` };
    if (params[key] !== undefined && params[key] !== value)
      return { params, error: `${key} is given twice; a flow has one that is asked for.` };
    params[key] = value;
  }
  return { params, error: undefined };
}

/** A bare word says by its look what it is. */
function meaning({ key, value }: Word): readonly [string, string] {
  if (key !== undefined && !KEYS.has(key) && isHex(key)) return ['address', `${key}:${value}`];
  if (key !== undefined) return [key.toLowerCase(), value];
  if (ADDRESS.test(value)) return ['address', value];
  if (/^\d{1,5}$/.test(value)) return ['port', value];
  if (STATES.test(value)) return ['state', value];
  return [PROTOCOLS.has(value.toLowerCase()) ? 'protocol' : 'application', value.toLowerCase()];
}

/** The beginning of an IPv6 address reads like the name of a field. */
export function isHex(key: string): boolean {
  return /^[0-9a-f]{1,4}$/i.test(key);
}

/** Stands where a frame has no address of IP; it cannot be asked for. */
export const NO_ADDRESS = 'no address';

/** The line that asks for these. Null is left out. */
export function lineOf(params: Readonly<Record<string, string | number | null | undefined>>): string {
  return Object.entries(params)
    .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== NO_ADDRESS)
    .map(([key, value]) => formatWord({ key, op: ':', value: String(value), negated: false }))
    .join(' ');
}

/** The same narrowing over what is said live, where only some fields are known. */
export function matchesLive(conversation: LiveConversation, params: FlowParams): boolean {
  const { source, destination, port, protocol, application, state } = conversation;
  const known: Readonly<Record<string, readonly unknown[]>> = {
    address: [source, destination],
    source: [source],
    destination: [destination],
    port: [port],
    protocol: [protocol],
    application: [application],
    state: [state],
  };
  return Object.entries(params).every(([key, value]) => known[key]?.some((one) => String(one) === value) ?? true);
}
