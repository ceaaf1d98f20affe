import { Iso8601, pageOf, pageQuery } from '@undercroft/http';
import { conflict, notFound, type Route, route, type ScanRun as ScanService, toEdge } from '@undercroft/kernel';
import Type from 'typebox';
import type { Conductor } from './conduct.ts';
import { diffScans } from './engine/diff.ts';
import { nmapLine, toNmapXml } from './language/nmap-xml.ts';
import type { ScanRun, ScanRuns } from './state/runs.ts';

const TAG = 'Scans';
const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

const ScanRequestBody = Type.Object(
  {
    targets: Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
      minItems: 1,
      maxItems: 4096,
      description: 'Addresses, names, blocks (10.0.0.0/24), octet ranges (10.0.0-3.1,5).',
    }),
    ports: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: '`22,80,8000-8100`, `-` for all; a list of well-known ports if absent.',
      }),
    ),
    serviceDetection: Type.Optional(
      Type.Boolean({ description: 'Talk to open ports to learn what they are. On by default.' }),
    ),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 50, maximum: 10_000, description: 'Longest wait for one answer.' }),
    ),
    maxRate: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'Probes a second.' })),
  },
  { additionalProperties: false, title: 'ScanRequest' },
);

const PortItem = Type.Object({
  protocol: Type.Literal('tcp'),
  port: Type.Integer(),
  state: Type.String(),
  reason: Type.String(),
  service: Type.Optional(Type.String()),
  product: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  banner: Type.Optional(Type.String()),
  tls: Type.Optional(
    Type.Object({
      subject: Type.String(),
      issuer: Type.String(),
      notAfterAt: Iso8601,
      sha256: Type.String(),
      protocol: Type.String(),
    }),
  ),
});

const HostItem = Type.Object({
  address: Type.String(),
  hostnames: Type.Array(Type.String()),
  up: Type.Boolean(),
  reason: Type.String(),
  startAt: Iso8601,
  endAt: Iso8601,
  ports: Type.Array(PortItem),
  extraPorts: Type.Array(Type.Object({ state: Type.String(), count: Type.Integer() })),
});

const Progress = Type.Object({
  probesDone: Type.Integer(),
  probesTotal: Type.Integer(),
  hostsDone: Type.Integer(),
  hostsTotal: Type.Integer(),
});

const RunItem = Type.Object(
  {
    id: Type.String(),
    requestedBy: Type.String(),
    state: Type.Union(
      ['running', 'finished', 'cancelled', 'failed', 'interrupted'].map((state) => Type.Literal(state)),
    ),
    startAt: Iso8601,
    endAt: Type.Optional(Iso8601),
    request: ScanRequestBody,
    /** The command line of Nmap that asks for the same. */
    nmap: Type.String(),
  },
  { title: 'Scan' },
);

const RunDetail = Type.Intersect([
  RunItem,
  Type.Object({
    progress: Type.Optional(Progress),
    hosts: Type.Optional(Type.Array(HostItem)),
    error: Type.Optional(Type.String()),
  }),
]);

export interface ScanApiParts {
  readonly runs: ScanRuns;
  readonly conductor: Conductor;
  readonly scan: ScanService;
  readonly version: string;
}

export function scanRoutes({ runs, conductor, scan, version }: ScanApiParts): readonly Route[] {
  const find = async (tenant: string, id: string): Promise<ScanRun> => {
    const run = await runs.get(tenant, id);
    if (run === undefined) throw notFound('scan', id);
    return run;
  };
  const withResult = async (tenant: string, id: string) => {
    const run = await find(tenant, id);
    if (run.result === undefined)
      throw conflict('scan.running', 'The scan has no result yet.', 'Ask again when it has ended.');
    return { run, result: run.result };
  };
  return [
    route({
      method: 'GET',
      path: '/scans',
      summary: 'List scans, newest first',
      tag: TAG,
      query: pageQuery({}, []),
      response: pageOf(RunItem),
      async handler({ query, principal }) {
        const page = await runs.list(principal.tenant, query.limit, query.cursor);
        return { ...page, items: page.items.map(item) } as never;
      },
    }),
    route({
      method: 'POST',
      path: '/scans',
      summary: 'Start a scan',
      description:
        'Answers at once; follow it on the live topic `scans`, or by its id. Targets outside `scan.allowed` are refused.',
      tag: TAG,
      body: ScanRequestBody,
      response: RunItem,
      status: 202,
      async handler({ body, principal, auditDetail }) {
        auditDetail(`scan ${body.targets.join(' ')} ${body.ports ?? ''}`.trim());
        const id = await conductor.begin(principal.tenant, principal.name, body);
        return item(await find(principal.tenant, id)) as never;
      },
    }),
    route({
      method: 'GET',
      path: '/scans/{id}',
      summary: 'One scan with its hosts and ports',
      tag: TAG,
      params: Params,
      response: RunDetail,
      async handler({ params, principal }) {
        const run = await find(principal.tenant, params.id);
        const progress = run.state === 'running' ? await scan.progress(run.id).catch(() => undefined) : undefined;
        return {
          ...item(run),
          ...(progress ? { progress } : {}),
          ...toEdge({ hosts: run.result?.hosts, error: run.result?.error }),
        } as never;
      },
    }),
    route({
      method: 'GET',
      path: '/scans/{id}/xml',
      summary: 'The result as Nmap XML',
      tag: TAG,
      params: Params,
      response: Type.String(),
      contentType: 'application/xml',
      handler: async ({ params, principal }) =>
        toNmapXml((await withResult(principal.tenant, params.id)).result, version),
    }),
    route({
      method: 'GET',
      path: '/scans/{id}/diff',
      summary: 'What changed since the last finished scan of the same request',
      tag: TAG,
      params: Params,
      response: Type.Object({
        previous: Type.Optional(Type.String()),
        hostsAppeared: Type.Array(Type.String()),
        hostsGone: Type.Array(Type.String()),
        ports: Type.Array(
          Type.Object({
            address: Type.String(),
            port: Type.Integer(),
            kind: Type.String(),
            before: Type.Optional(PortItem),
            after: Type.Optional(PortItem),
          }),
        ),
      }),
      async handler({ params, principal }) {
        const { run, result } = await withResult(principal.tenant, params.id);
        const previous = await runs.previous(principal.tenant, run);
        if (previous?.result === undefined) return { hostsAppeared: [], hostsGone: [], ports: [] };
        return { previous: previous.id, ...toEdge(diffScans(previous.result, result)) } as never;
      },
    }),
    route({
      method: 'POST',
      path: '/scans/{id}/cancel',
      summary: 'Cancel a running scan',
      tag: TAG,
      params: Params,
      response: Type.Object({ cancelled: Type.Boolean() }),
      async handler({ params, principal }) {
        const run = await find(principal.tenant, params.id);
        return { cancelled: run.state === 'running' && (await scan.cancel(run.id)) };
      },
    }),
  ];
}

function item(run: ScanRun) {
  const { result: _result, ...rest } = run;
  return { ...toEdge(rest), nmap: nmapLine(run.request) };
}
