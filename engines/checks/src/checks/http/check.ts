import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import Type, { type Static } from 'typebox';
import { type NativeCheck, reading, stateOfTime, timeDatum, why } from '../native.ts';

const MAX_BODY_BYTES = 1024 * 1024;

const Options = Type.Object(
  {
    url: Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 2_048 }),
    method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')])),
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), {
        maxItems: 20,
        description: 'Accepted; any below 400 if absent.',
      }),
    ),
    expect: Type.Optional(Type.String({ maxLength: 1_024, description: 'Text the page must contain.' })),
    insecure: Type.Optional(Type.Boolean({ description: 'Accept any certificate.' })),
    warnMs: Type.Optional(Type.Integer({ minimum: 1 })),
    critMs: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** Does the page answer, with the right status and words, in time? */
export const httpCheck: NativeCheck<Static<typeof Options>> = {
  kind: 'http',
  options: Options,
  async run(options, signal) {
    const startMs = performance.now();
    const { warnMs, critMs } = options;
    let answer: Answer;
    try {
      answer = await fetchOnce(options, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return reading('critical', `${options.url}: ${why(error)}`);
    }
    const ms = performance.now() - startMs;
    const perfdata = [timeDatum(ms, warnMs, critMs), { label: 'size', value: answer.bytes, uom: 'B', min: 0 }];
    const accepted = options.status?.includes(answer.status) ?? answer.status < 400;
    const line = `HTTP ${answer.status}, ${answer.bytes} bytes in ${ms.toFixed(0)} ms`;
    if (!accepted) return reading(answer.status >= 500 ? 'critical' : 'warning', line, perfdata);
    if (options.expect !== undefined && !answer.body.includes(options.expect))
      return reading('critical', `${line}, without ${JSON.stringify(options.expect)}`, perfdata);
    return reading(stateOfTime(ms, warnMs, critMs), line, perfdata);
  },
};

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly body: string;
}

function fetchOnce({ url, method = 'GET', insecure }: Static<typeof Options>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      url,
      {
        method,
        signal,
        agent: false,
        headers: { 'user-agent': 'Undercroft' },
        ...(insecure ? { rejectUnauthorized: false } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const done = (): void =>
          resolve({ status: response.statusCode ?? 0, bytes, body: Buffer.concat(chunks).toString('utf8') });
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
          else {
            // A page without an end says enough by now.
            done();
            request.destroy();
          }
        });
        response.on('end', done);
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end();
  });
}
