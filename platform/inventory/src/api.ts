import { Iso8601, pageOf, pageQuery, parseTime, TimeInput } from '@undercroft/http';
import {
  type Asset,
  type Clock,
  notFound,
  type Principal,
  RELATION_TYPES,
  type Route,
  route,
  toEdge,
  UndercroftError,
} from '@undercroft/kernel';
import Type from 'typebox';
import { MAX_KEY_LENGTH } from './language/keys.ts';
import { parseAssetQuery } from './language/query.ts';
import { ASSET_SORTS, type InventoryService } from './service.ts';

const TAG = 'Inventory';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Params = Type.Object({ id: Id });
const Query = Type.String({
  maxLength: 4096,
  description:
    'Search line: `type:host port:22 seen:<1h name:web* attr.os:debian source:scan is:silent ip:10.0.0.* -type:port words`.',
});
const Json = Type.Unknown({ description: 'Any JSON value.' });

const AssetItem = Type.Object(
  {
    id: Type.String(),
    tenant: Type.String(),
    type: Type.String(),
    name: Type.String(),
    attributes: Type.Record(Type.String(), Json),
    keys: Type.Array(
      Type.Object({
        type: Type.String(),
        value: Type.String({ maxLength: MAX_KEY_LENGTH }),
        strength: Type.Union([Type.Literal('strong'), Type.Literal('weak')]),
        site: Type.Optional(Type.String()),
      }),
    ),
    sources: Type.Array(Type.String()),
    firstSeenAt: Iso8601,
    lastSeenAt: Iso8601,
    present: Type.Boolean(),
    silent: Type.Boolean({ description: 'Present as far as is known, but not seen for longer than configured.' }),
  },
  { title: 'Asset' },
);

const Count = Type.Object({ value: Type.String(), count: Type.Integer({ minimum: 0 }) });

export function inventoryRoutes(inventory: InventoryService, clock: Clock): readonly Route[] {
  const item = (asset: Asset) => ({ ...toEdge(asset), silent: inventory.isSilent(asset) }) as never;

  /** @throws UndercroftError `not-found`, also for another tenant's asset */
  const assetFor = async (id: string, principal: Principal): Promise<Asset> => {
    const asset = await inventory.get(id);
    if (asset === undefined || !sees(principal, asset.tenant)) throw notFound('asset', id);
    return asset;
  };

  return [
    route({
      method: 'GET',
      path: '/assets',
      summary: 'List and search assets',
      description:
        'What is gone is left out unless the line says `is:gone` or `is:any`. `total` comes with the first page.',
      tag: TAG,
      query: pageQuery({ q: Type.Optional(Query) }, ASSET_SORTS),
      response: pageOf(AssetItem),
      async handler({ query, principal }) {
        const { q = '', ...page } = query;
        checkTenant(q, principal);
        const found = await inventory.search(q, { ...page, tenant: principal.tenant });
        return { ...found, items: found.items.map(item) };
      },
    }),
    route({
      method: 'GET',
      path: '/assets/facets',
      summary: 'Count what a search finds, by type and by source',
      tag: TAG,
      query: Type.Object({ q: Type.Optional(Query) }, { additionalProperties: false }),
      response: Type.Object({ total: Type.Integer(), types: Type.Array(Count), sources: Type.Array(Count) }),
      async handler({ query: { q = '' }, principal }) {
        checkTenant(q, principal);
        const { total, types, sources } = await inventory.facets(q, principal.tenant);
        return { total, types: [...types], sources: [...sources] };
      },
    }),
    route({
      method: 'GET',
      path: '/assets/{id}',
      summary: 'One asset, now or as it was',
      tag: TAG,
      params: Params,
      query: Type.Object({ asOf: Type.Optional(TimeInput) }, { additionalProperties: false }),
      response: AssetItem,
      async handler({ params: { id }, query, principal }) {
        const asset = await assetFor(id, principal);
        const timeUs = parseTime(query.asOf, 'asOf', clock.nowUs());
        if (timeUs === undefined) return item(asset);
        const past = await inventory.asOf(id, timeUs);
        if (past === undefined) {
          throw new UndercroftError('not-found', `${asset.name} was not known at that time.`, {
            status: 404,
            fix: `It was first seen at ${toEdge(asset).firstSeenAt}.`,
          });
        }
        return item(past);
      },
    }),
    route({
      method: 'GET',
      path: '/assets/{id}/history',
      summary: 'What changed about an asset, newest first',
      tag: TAG,
      params: Params,
      query: Type.Object(
        {
          from: Type.Optional(TimeInput),
          to: Type.Optional(TimeInput),
          limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 }),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({
        items: Type.Array(
          Type.Object({ timeAt: Iso8601, source: Type.String(), field: Type.String(), before: Json, after: Json }),
        ),
        total: Type.Integer(),
      }),
      async handler({ params: { id }, query, principal }) {
        await assetFor(id, principal);
        const fromUs = parseTime(query.from, 'from', clock.nowUs());
        const toUs = parseTime(query.to, 'to', clock.nowUs());
        const changes = await inventory.history(id, {
          ...(fromUs === undefined ? {} : { fromUs }),
          ...(toUs === undefined ? {} : { toUs }),
        });
        return { items: toEdge(changes.toReversed().slice(0, query.limit)) as never, total: changes.length };
      },
    }),
    route({
      method: 'GET',
      path: '/assets/{id}/relations',
      summary: 'What an asset is related to, in both directions',
      tag: TAG,
      params: Params,
      response: Type.Object({
        items: Type.Array(
          Type.Object({
            type: Type.Union(RELATION_TYPES.map((type) => Type.Literal(type))),
            direction: Type.Union([Type.Literal('out'), Type.Literal('in')]),
            asset: Type.Object({
              id: Type.String(),
              type: Type.String(),
              name: Type.String(),
              attributes: Type.Record(Type.String(), Json),
              present: Type.Boolean(),
            }),
            firstSeenAt: Iso8601,
            lastSeenAt: Iso8601,
          }),
        ),
      }),
      async handler({ params: { id }, principal }) {
        const { id: own } = await assetFor(id, principal);
        const relations = await inventory.relations(own);
        const others = await inventory.getMany(relations.flatMap(({ fromId, toId }) => [fromId, toId]));
        const items = relations.flatMap((relation) => {
          const out = relation.fromId === own;
          const other = others.get(out ? relation.toId : relation.fromId);
          if (other === undefined) return [];
          const { type, firstSeenUs, lastSeenUs } = relation;
          const asset = {
            id: other.id,
            type: other.type,
            name: other.name,
            attributes: other.attributes,
            present: other.present,
          };
          return [
            toEdge({ type, direction: out ? ('out' as const) : ('in' as const), asset, firstSeenUs, lastSeenUs }),
          ];
        });
        return { items } as never;
      },
    }),
    route({
      method: 'POST',
      path: '/assets/{id}/split',
      summary: 'Undo a merge',
      description: 'The two are not merged again by what sources observe later.',
      tag: TAG,
      params: Params,
      body: Type.Object({ mergedId: Id }, { additionalProperties: false }),
      response: Type.Object({ asset: AssetItem, merged: AssetItem }),
      async handler({ params: { id }, body: { mergedId }, principal, auditDetail }) {
        await assetFor(id, principal);
        await assetFor(mergedId, principal);
        await inventory.split(id, mergedId, principal.name);
        auditDetail(`split ${mergedId} off ${id}`);
        return { asset: item(await assetFor(id, principal)), merged: item(await assetFor(mergedId, principal)) };
      },
    }),
  ];
}

function sees(principal: Principal, tenant: string): boolean {
  return principal.owner || principal.tenant === tenant;
}

function checkTenant(line: string, principal: Principal): void {
  const { tenant } = parseAssetQuery(line);
  if (tenant === undefined || sees(principal, tenant)) return;
  throw new UndercroftError(
    'inventory.query.tenant',
    `You may not look into ${tenant === '*' ? 'all tenants' : `the tenant ${tenant}`}.`,
    {
      status: 403,
      fix: `Leave out tenant:${tenant}.`,
    },
  );
}
