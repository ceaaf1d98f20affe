import { execFile } from 'node:child_process';
import Type, { type Static } from 'typebox';
import { type NativeCheck, reading } from '../native.ts';

const Options = Type.Object(
  {
    // No leading dash: it is an argument of a program.
    host: Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9_.:%-]*$' }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    warnMs: Type.Optional(Type.Number({ minimum: 0 })),
    critMs: Type.Optional(Type.Number({ minimum: 0 })),
    warnLossPercent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    critLossPercent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  },
  { additionalProperties: false },
);

/** Do echo requests come back, how many and how fast? The system's `ping` sends them: it has the right to. */
export const pingCheck: NativeCheck<Static<typeof Options>> = {
  kind: 'ping',
  options: Options,
  run: ({ host, count = 3, ...limits }, signal) =>
    new Promise((resolve, reject) => {
      execFile(
        'ping',
        ['-n', '-q', '-c', String(count), '-i', '0.2', '-W', '2', '--', host],
        { signal, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, maxBuffer: 65_536 },
        (error, stdout, stderr) => {
          if (signal.aborted) return reject(signal.reason);
          if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT')
            return resolve(reading('unknown', 'There is no ping on this machine (Debian: apt install iputils-ping)'));
          const result = readPing(stdout);
          if (result === undefined)
            return resolve(reading('unknown', `ping ${host}: ${stderr.trim() || 'no statistics'}`));
          resolve(judge(host, result, limits));
        },
      );
    }),
};

export interface PingResult {
  readonly lossPercent: number;
  /** Absent when nothing came back. */
  readonly averageMs?: number;
}

/** Reads the statistics of iputils' and BusyBox' ping. */
export function readPing(stdout: string): PingResult | undefined {
  const loss = /([\d.]+)% packet loss/.exec(stdout)?.[1];
  if (loss === undefined) return undefined;
  const average = /(?:rtt|round-trip) min\/avg\/max(?:\/\w+)? = [\d.]+\/([\d.]+)\//.exec(stdout)?.[1];
  return { lossPercent: Number(loss), ...(average === undefined ? {} : { averageMs: Number(average) }) };
}

function judge(
  host: string,
  { lossPercent, averageMs }: PingResult,
  limits: Omit<Static<typeof Options>, 'host' | 'count'>,
) {
  const {
    warnMs = Number.POSITIVE_INFINITY,
    critMs = Number.POSITIVE_INFINITY,
    warnLossPercent = 20,
    critLossPercent = 60,
  } = limits;
  const ms = averageMs ?? Number.POSITIVE_INFINITY;
  const state =
    lossPercent >= critLossPercent || (averageMs !== undefined && ms >= critMs)
      ? 'critical'
      : lossPercent >= warnLossPercent || (averageMs !== undefined && ms >= warnMs)
        ? 'warning'
        : 'ok';
  const perfdata = [
    {
      label: 'pl',
      value: lossPercent,
      uom: '%',
      warn: String(warnLossPercent),
      crit: String(critLossPercent),
      min: 0,
      max: 100,
    },
  ];
  if (averageMs === undefined) return reading(state, `${host} does not answer, ${lossPercent} % lost`, perfdata);
  return reading(state, `${host} answers in ${averageMs} ms, ${lossPercent} % lost`, [
    { label: 'rta', value: averageMs, uom: 'ms', min: 0 },
    ...perfdata,
  ]);
}
