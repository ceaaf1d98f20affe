import { writeFile } from 'node:fs/promises';
import { type Command, type CommandCall, UndercroftError } from '@undercroft/kernel';

interface RunView {
  readonly id: string;
  readonly state: string;
  readonly startAt: string;
  readonly requestedBy: string;
  readonly nmap: string;
  readonly error?: string;
  readonly progress?: {
    readonly probesDone: number;
    readonly probesTotal: number;
    readonly hostsDone: number;
    readonly hostsTotal: number;
  };
  readonly hosts?: readonly {
    readonly address: string;
    readonly up: boolean;
    readonly ports: readonly {
      readonly port: number;
      readonly state: string;
      readonly service?: string;
      readonly product?: string;
      readonly version?: string;
    }[];
    readonly extraPorts: readonly { readonly state: string; readonly count: number }[];
  }[];
}

const POLL_MS = 500;

const list: Command = {
  name: 'list',
  summary: 'scans so far, newest first',
  async run(call) {
    const { items } = await call.client.request<{ items: readonly RunView[] }>('GET', '/scans');
    call.print(
      items.map((run) => ({ id: run.id, state: run.state, started: run.startAt, by: run.requestedBy, asks: run.nmap })),
    );
    return 0;
  },
};

const show: Command = {
  name: 'show',
  summary: 'the result of one scan',
  positionals: [{ name: 'id', summary: 'as "scan list" shows it' }],
  options: { xml: { type: 'string', value: 'FILE', summary: 'write Nmap XML there, - for standard output' } },
  async run(call) {
    return result(
      call,
      await call.client.request<RunView>('GET', `/scans/${encodeURIComponent(call.positionals[0] ?? '')}`),
    );
  },
};

export const command: Command = {
  name: 'scan',
  summary: 'scan targets, list scans, print results as table, JSON or Nmap XML',
  description: 'The sensor of the running platform does the scan, so what it finds is in the inventory at once.',
  positionals: [
    {
      name: 'target',
      summary: 'address, block (10.0.0.0/24), octet range (10.0.0-3.1,5) or name',
      many: true,
      optional: true,
    },
  ],
  options: {
    ports: {
      type: 'string',
      short: 'p',
      value: 'LIST',
      summary: '22,80,8000-8100, or - for all; well-known ports if absent',
    },
    'no-services': { type: 'boolean', summary: 'do not talk to open ports' },
    'max-rate': { type: 'string', value: 'N', summary: 'at most so many probes a second' },
    xml: { type: 'string', value: 'FILE', summary: 'write Nmap XML there, - for standard output' },
  },
  subcommands: [list, show].map((sub) => ({
    name: sub.name,
    summary: sub.summary,
    load: async () => ({ command: sub }),
  })),
  examples: [
    { line: 'undercroft scan 127.0.0.1', does: 'what listens on this machine' },
    { line: 'undercroft scan 192.168.1.0/24 -p 22,80,443 --xml lan.xml', does: 'a network, as Nmap XML' },
    { line: 'undercroft scan list', does: 'earlier scans' },
  ],
  async run(call) {
    if (call.positionals.length === 0)
      throw new UndercroftError('cli.usage', 'TARGET is missing: what to scan', { fix: 'undercroft scan --help' });
    const rate = call.options['max-rate'];
    const { id } = await call.client.request<RunView>('POST', '/scans', {
      targets: call.positionals,
      ...(call.options['ports'] === undefined ? {} : { ports: call.options['ports'] }),
      ...(call.options['no-services'] === true ? { serviceDetection: false } : {}),
      ...(rate === undefined ? {} : { maxRate: Number(rate) }),
    });
    for (;;) {
      if (call.signal.aborted) {
        await fetchCancel(call, id);
        throw new UndercroftError('cli.interrupted', 'cancelled');
      }
      const run = await call.client.request<RunView>('GET', `/scans/${id}`);
      bar(call, run);
      if (run.state !== 'running') return result(call, run);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  },
};

/** Ctrl-C has ended this call's own client, so the word to stop goes by a fresh one. */
async function fetchCancel(call: CommandCall, id: string): Promise<void> {
  const { request } = call.freshClient();
  await request('POST', `/scans/${id}/cancel`);
}

function bar(call: CommandCall, run: RunView): void {
  if (!call.stderr.isTTY) return;
  const { probesDone = 0, probesTotal = 0, hostsDone = 0, hostsTotal = 0 } = run.progress ?? {};
  const share = probesTotal === 0 ? 0 : probesDone / probesTotal;
  const width = 24;
  const full = Math.round(share * width);
  call.stderr.write(
    run.state === 'running'
      ? `\r[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${(share * 100).toFixed(0).padStart(3)} %  ${hostsDone}/${hostsTotal} hosts`
      : `\r${' '.repeat(60)}\r`,
  );
}

async function result(call: CommandCall, run: RunView): Promise<number> {
  const xml = call.options['xml'];
  if (typeof xml === 'string') {
    const text = await call.client.request<string>('GET', `/scans/${run.id}/xml`);
    if (xml === '-') call.stdout.write(text);
    else await writeFile(xml, text);
  }
  if (xml !== '-') {
    const rows = (run.hosts ?? []).flatMap((host) =>
      host.ports.map((port) => ({
        host: host.address,
        port: `${port.port}/tcp`,
        state: port.state,
        service: port.service,
        version: [port.product, port.version].filter(Boolean).join(' '),
      })),
    );
    if (call.options['output'] === 'json') call.printOne({ ...run });
    else call.print(rows, ['host', 'port', 'state', 'service', 'version']);
  }
  if (run.error !== undefined) call.stderr.write(`undercroft: ${run.error}\n`);
  return run.state === 'finished' ? 0 : 1;
}
