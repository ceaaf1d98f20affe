import type { Command, CommandCall } from '@undercroft/kernel';

interface AssetItem {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly keys: readonly { readonly type: string; readonly value: string; readonly strength: string }[];
  readonly sources: readonly string[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly present: boolean;
  readonly silent: boolean;
}

interface RelationItem {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly asset: { readonly id: string; readonly type: string; readonly name: string };
}

const PAGE = 200;

export const command: Command = {
  name: 'assets',
  summary: 'Search the inventory, show an asset.',
  description:
    'The query is the line of the console: type:host port:22 seen:<1h name:web* attr.os:debian source:scan is:silent words.',
  examples: [
    { line: 'undercroft assets', does: 'everything that is there' },
    {
      line: "undercroft assets type:host port:22 'seen:<1h'",
      does: 'hosts with an open SSH port, seen within the hour',
    },
    { line: 'undercroft assets show 01K5QJ3V7N8Y2M4X6Z0A1B2C3D', does: 'one asset with its keys and relations' },
  ],
  positionals: [{ name: 'query', summary: 'words and conditions', optional: true, many: true }],
  options: {
    limit: { type: 'string', short: 'n', value: 'COUNT', summary: 'at most so many', default: '100' },
    sort: {
      type: 'string',
      value: 'FIELD',
      summary: 'name, type, firstSeenAt or lastSeenAt; - before it for descending',
    },
  },
  subcommands: [{ name: 'show', summary: 'Show one asset.', load: async () => ({ command: showCommand }) }],
  async run(call) {
    const limit = Number(call.options.limit ?? 100);
    if (!Number.isInteger(limit) || limit < 1) {
      call.stderr.write(`--limit wants a whole number from 1, not ${String(call.options.limit)}\n`);
      return 2;
    }
    const assets = await list(call, limit);
    call.print(
      assets.map((asset) => ({
        id: asset.id,
        type: asset.type,
        name: asset.name,
        state: asset.present ? (asset.silent ? 'silent' : 'present') : 'gone',
        sources: asset.sources.join(' '),
        lastSeenAt: asset.lastSeenAt,
      })),
      ['id', 'type', 'name', 'state', 'sources', 'lastSeenAt'],
    );
    return 0;
  },
};

const showCommand: Command = {
  name: 'show',
  summary: 'Show one asset.',
  examples: [
    {
      line: 'undercroft assets show 01K5QJ3V7N8Y2M4X6Z0A1B2C3D --as-of 2026-11-17T09:00:00Z',
      does: 'what it looked like then',
    },
  ],
  positionals: [{ name: 'id', summary: 'id of the asset' }],
  options: { 'as-of': { type: 'string', value: 'TIME', summary: 'as it was: ISO 8601, or a distance such as -7d' } },
  async run(call) {
    const id = encodeURIComponent(call.positionals[0] ?? '');
    const asOf = call.options['as-of'];
    const past = typeof asOf === 'string' ? `?asOf=${encodeURIComponent(asOf)}` : '';
    const asset = await call.client.request<AssetItem>('GET', `/assets/${id}${past}`);
    const related =
      past === '' ? await call.client.request<{ items: RelationItem[] }>('GET', `/assets/${id}/relations`) : undefined;
    const { attributes, keys, sources, ...facts } = asset;
    call.printOne({
      ...facts,
      sources: sources.join(' '),
      keys: keys.map((key) => `${key.type} ${key.value} (${key.strength})`),
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`attributes.${name}`, value])),
      ...(related === undefined ? {} : { relations: related.items.map(relationLine) }),
    });
    return 0;
  },
};

async function list(call: CommandCall, limit: number): Promise<AssetItem[]> {
  const assets: AssetItem[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      q: call.positionals.join(' '),
      limit: String(Math.min(PAGE, limit - assets.length)),
    });
    if (typeof call.options.sort === 'string') query.set('sort', call.options.sort);
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = await call.client.request<{ items: AssetItem[]; next?: string }>('GET', `/assets?${query}`);
    assets.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && assets.length < limit);
  return assets;
}

function relationLine({ type, direction, asset }: RelationItem): string {
  return `${direction === 'out' ? type : `is ${type} of`} ${asset.type} ${asset.name} (${asset.id})`;
}
