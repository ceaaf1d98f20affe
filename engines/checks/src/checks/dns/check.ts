import { Resolver } from 'node:dns/promises';
import Type, { type Static } from 'typebox';
import { type NativeCheck, reading, stateOfTime, timeDatum, why } from '../native.ts';

const TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'PTR', 'SRV', 'CAA'] as const;

const Options = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 253 }),
    type: Type.Optional(Type.Union(TYPES.map((type) => Type.Literal(type)))),
    server: Type.Optional(
      Type.String({
        maxLength: 64,
        pattern: '^[0-9a-fA-F.:\\[\\]]+$',
        description: 'Address of the server, with :port if it is not 53; the system’s if absent.',
      }),
    ),
    expect: Type.Optional(
      Type.Array(Type.String({ maxLength: 255 }), {
        maxItems: 20,
        description: 'Answers that must be among those given.',
      }),
    ),
    warnMs: Type.Optional(Type.Integer({ minimum: 1 })),
    critMs: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** Does the server resolve the name, to the right answer, in time? */
export const dnsCheck: NativeCheck<Static<typeof Options>> = {
  kind: 'dns',
  options: Options,
  async run({ name, type = 'A', server, expect, warnMs, critMs }, signal) {
    const resolver = new Resolver({ timeout: 3_000, tries: 2 });
    if (server !== undefined) resolver.setServers([server]);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const startMs = performance.now();
    try {
      const answers = texts(await resolver.resolve(name, type));
      const ms = performance.now() - startMs;
      const missing = (expect ?? []).filter((each) => !answers.includes(each));
      const line = `${name} ${type} is ${answers.join(', ').slice(0, 300)}`;
      if (missing.length > 0)
        return reading('critical', `${line}; ${missing.join(', ')} is missing`, [timeDatum(ms, warnMs, critMs)]);
      return reading(stateOfTime(ms, warnMs, critMs), `${line}, ${ms.toFixed(0)} ms`, [timeDatum(ms, warnMs, critMs)]);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return reading('critical', `${name} ${type}: ${why(error)}`);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  },
};

function texts(records: Awaited<ReturnType<Resolver['resolve']>>): string[] {
  const list: readonly unknown[] = Array.isArray(records) ? records : [records];
  return list.map((record) => {
    if (typeof record === 'string') return record;
    if (Array.isArray(record)) return record.join('');
    const { exchange, name, port } = record as { exchange?: string; name?: string; port?: number };
    if (exchange !== undefined) return exchange;
    return name === undefined ? JSON.stringify(record) : `${name}:${port}`;
  });
}
