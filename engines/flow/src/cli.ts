/** `undercroft flow`: Argus' programs with their own command lines. */
import type { Command, CommandEntry } from '@undercroft/kernel';
import type { Program } from './program.ts';

const PROGRAMS: readonly {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly run: Program }>;
}[] = [
  {
    name: 'argus',
    summary: 'flow records from interfaces or capture files, as argus writes them',
    load: () => import('./argus/command/argus.ts'),
  },
  {
    name: 'radium',
    summary: 'collects flow records from many sources, filters, labels, stores and serves them',
    load: () => import('./argus/command/radium.ts'),
  },
  {
    name: 'ra',
    summary: 'reads flow records and prints or writes those that are wanted',
    load: () => import('./ra/ra.ts'),
  },
  {
    name: 'racluster',
    summary: 'merges flow records that have the same key',
    load: () => import('./ra/racluster.ts'),
  },
  {
    name: 'rasort',
    summary: 'sorts flow records by any of their fields',
    load: () => import('./ra/rasort.ts'),
  },
  {
    name: 'rabins',
    summary: 'merges flow records within spans of time, count or size',
    load: () => import('./ra/rabins.ts'),
  },
  {
    name: 'ratop',
    summary: 'the flows that move most, live on a terminal',
    load: () => import('./ra/ratop.ts'),
  },
  {
    name: 'ragraph',
    summary: 'figures of flow records over time, drawn as SVG or PNG',
    load: () => import('./ra/ragraph.ts'),
  },
  {
    name: 'ranonymize',
    summary: 'flow records without addresses and names, by a key',
    load: () => import('./ra/ranonymize.ts'),
  },
  {
    name: 'ralabel',
    summary: 'labels flow records by addresses, ports, filters and databases of places',
    load: () => import('./ra/ralabel.ts'),
  },
  {
    name: 'rastrip',
    summary: 'flow records without some of their parts',
    load: () => import('./ra/rastrip.ts'),
  },
  {
    name: 'ragrep',
    summary: 'flow records whose user data or labels match',
    load: () => import('./ra/ragrep.ts'),
  },
  {
    name: 'rahisto',
    summary: 'how often values of a field fall into classes',
    load: () => import('./ra/rahisto.ts'),
  },
  {
    name: 'rasplit',
    summary: 'one file of flow records into many, by time, count or size',
    load: () => import('./ra/rasplit.ts'),
  },
  {
    name: 'rastream',
    summary: 'a live stream of flow records into files, each handed to a program',
    load: () => import('./ra/rastream.ts'),
  },
  {
    name: 'racount',
    summary: 'how many records, packets and bytes, by protocol and kind of address',
    load: () => import('./ra/racount.ts'),
  },
  {
    name: 'raports',
    summary: 'which ports each host was asked on',
    load: () => import('./ra/raports.ts'),
  },
  {
    name: 'rahosts',
    summary: 'which hosts each host talked to',
    load: () => import('./ra/rahosts.ts'),
  },
  {
    name: 'rafilteraddr',
    summary: 'flow records of which one end is in a list of addresses',
    load: () => import('./ra/rafilteraddr.ts'),
  },
  {
    name: 'raconvert',
    summary: 'lines that ra printed, back into flow records',
    load: () => import('./ra/raconvert.ts'),
  },
  {
    name: 'rasqlinsert',
    summary: 'writes flow records into a table of PostgreSQL',
    load: () => import('./sql/rasqlinsert.ts'),
  },
  {
    name: 'rasql',
    summary: 'ra over tables that rasqlinsert has written',
    load: () => import('./sql/rasql.ts'),
  },
  {
    name: 'collect',
    summary: 'receives NetFlow, IPFIX and sFlow',
    load: () => netflow('collect'),
  },
  {
    name: 'export',
    summary: 'sends flow records as NetFlow or IPFIX',
    load: () => netflow('export'),
  },
];

/** Both are one program that takes its name as its first word. */
async function netflow(name: string): Promise<{ readonly run: Program }> {
  const { run } = await import('./netflow/command.ts');
  return { run: (argv, io) => run([name, ...argv], io) };
}

function entry({ name, summary, load }: (typeof PROGRAMS)[number]): CommandEntry {
  return {
    name,
    summary,
    async load() {
      const { run } = await load();
      const command: Command = {
        name,
        summary,
        raw: true,
        async run(call) {
          return run(call.positionals, {
            stdin: call.stdin,
            stdout: call.stdout,
            stderr: call.stderr,
            env: call.env,
            signal: call.signal,
          });
        },
      };
      return { command };
    },
  };
}

/** Questions to the running platform. */
const QUESTIONS: readonly CommandEntry[] = [
  { name: 'top', summary: 'who and what moves most', load: () => import('./command-line/top.ts') },
  { name: 'list', summary: 'flow records, newest first', load: () => import('./command-line/list.ts') },
  { name: 'live', summary: 'what goes on now', load: () => import('./command-line/live.ts') },
  {
    name: 'sensors',
    summary: 'where flows come from: interfaces and exporters, with what was lost',
    load: () => import('./command-line/sensors.ts'),
  },
];

export const command: Command = {
  name: 'flow',
  summary: 'flows, live and archived; argus and its clients under their own names',
  subcommands: [...QUESTIONS, ...PROGRAMS.map(entry)],
};
