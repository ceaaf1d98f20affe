/** What the console calls types, attributes and keys of assets. */
import type { Asset, JsonValue } from '../api/types.ts';
import { formatTime } from '../time/format.ts';
import { now } from '../time/now.ts';
import { bytes } from '../ui/chart/units.ts';

const TYPES: Readonly<Record<string, readonly [one: string, many: string]>> = {
  host: ['Host', 'Hosts'],
  port: ['Port', 'Ports'],
  service: ['Service', 'Services'],
  process: ['Process', 'Processes'],
  volume: ['Volume', 'Volumes'],
  certificate: ['Certificate', 'Certificates'],
  interface: ['Interface', 'Interfaces'],
};

export function typeName(type: string, many = false): string {
  const known = TYPES[type];
  if (known !== undefined) return known[many ? 1 : 0];
  const name = type.charAt(0).toUpperCase() + type.slice(1);
  return many ? `${name}s` : name;
}

/** The order of the tabs: what one looks for first. */
export function typeRank(type: string): number {
  const rank = Object.keys(TYPES).indexOf(type);
  return rank < 0 ? 99 : rank;
}

export function attributeText(asset: Asset, name: string): string | undefined {
  const value = (asset.attributes as Readonly<Record<string, JsonValue>>)[name];
  if (value === undefined || value === null || value === '') return undefined;
  return jsonText(value);
}

export function attributeNumber(asset: Asset, name: string): number | undefined {
  const value = (asset.attributes as Readonly<Record<string, JsonValue>>)[name];
  return typeof value === 'number' ? value : undefined;
}

export function jsonText(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(jsonText).join(', ');
  if (value !== null && typeof value === 'object') return JSON.stringify(value);
  return value === null ? 'nothing' : String(value);
}

/** Where it can be reached: addresses of a host, address and port of a port. */
export function addressOf(asset: Asset): string | undefined {
  if (asset.type === 'port') {
    const address = attributeText(asset, 'address');
    const port = attributeText(asset, 'port');
    if (address !== undefined && port !== undefined) return `${address}:${port}`;
  }
  const addresses = (asset.attributes as Readonly<Record<string, JsonValue>>)['addresses'];
  if (Array.isArray(addresses))
    return (
      addresses
        .filter((one) => typeof one === 'string')
        .slice(0, 2)
        .join(', ') || undefined
    );
  return attributeText(asset, 'address') ?? asset.keys.find((key) => /^(ip|ipv4|ipv6|address)$/.test(key.type))?.value;
}

/** The few words that say what it is. */
export function whatItIs(asset: Asset): string | undefined {
  const parts =
    asset.type === 'host'
      ? [attributeText(asset, 'os'), attributeText(asset, 'architecture')]
      : asset.type === 'port'
        ? [
            attributeText(asset, 'service'),
            attributeText(asset, 'product'),
            attributeText(asset, 'version'),
            processWords(asset),
          ]
        : asset.type === 'volume'
          ? [attributeText(asset, 'fstype') ?? attributeText(asset, 'filesystem'), sizeWords(asset)]
          : asset.type === 'certificate'
            ? [attributeText(asset, 'subject'), attributeText(asset, 'issuer')]
            : [attributeText(asset, 'product') ?? attributeText(asset, 'summary') ?? attributeText(asset, 'command')];
  const words = [...new Set(parts.filter((part) => part !== undefined))].join(', ');
  return words === '' ? undefined : words;
}

function processWords(asset: Asset): string | undefined {
  const process = attributeText(asset, 'process');
  return process === undefined ? undefined : `by ${process}`;
}

function sizeWords(asset: Asset): string | undefined {
  const size = attributeNumber(asset, 'sizeBytes');
  return size === undefined ? undefined : bytes(size);
}

const FACTS: Readonly<Record<string, string>> = {
  os: 'System',
  kernel: 'Kernel',
  architecture: 'Architecture',
  cores: 'Cores',
  cpuModel: 'Processor',
  memoryBytes: 'Memory',
  virtualization: 'Runs in',
  bootAt: 'Started',
  addresses: 'Addresses',
  address: 'Address',
  service: 'Service',
  product: 'Product',
  version: 'Version',
  process: 'Process',
  pid: 'Process id',
  user: 'User',
  protocol: 'Protocol',
  port: 'Port',
};

/** The order of facts: what one asks first. Others follow by name. */
export function factRank(name: string): number {
  const rank = Object.keys(FACTS).indexOf(name);
  return rank < 0 ? 99 : rank;
}

/** `memoryBytes` → "Memory"; unknown names are split into words. */
export function factName(name: string): string {
  const known = FACTS[name];
  if (known !== undefined) return known;
  const words = name
    .replace(/(Bytes|At|Ms)$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[._]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function factText(name: string, value: JsonValue): string {
  if (typeof value === 'number' && name.endsWith('Bytes')) return bytes(value);
  if (typeof value === 'string' && name.endsWith('At') && !Number.isNaN(Date.parse(value)))
    return formatTime(Date.parse(value), now());
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return jsonText(value);
}

export function isMono(name: string): boolean {
  return /^(addresses?|kernel|machineId|sha256|mac|pid|port|path|device|mount.*|fingerprint|serial)$/i.test(name);
}
