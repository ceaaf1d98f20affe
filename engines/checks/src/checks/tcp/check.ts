import { connect } from 'node:net';
import Type, { type Static } from 'typebox';
import { type NativeCheck, reading, stateOfTime, timeDatum, why } from '../native.ts';

const MAX_REPLY = 4_096;

const Options = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    send: Type.Optional(Type.String({ maxLength: 4_096, description: 'Sent once connected.' })),
    expect: Type.Optional(Type.String({ maxLength: 1_024, description: 'Text the answer must contain.' })),
    warnMs: Type.Optional(Type.Integer({ minimum: 1 })),
    critMs: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** Does something answer there, in time, and with the right words? */
export const tcpCheck: NativeCheck<Static<typeof Options>> = {
  kind: 'tcp',
  options: Options,
  run: ({ host, port, send, expect, warnMs, critMs }, signal) =>
    new Promise((resolve, reject) => {
      const startMs = performance.now();
      const socket = connect({ host, port, signal });
      let reply = '';
      const finish = (missing?: string): void => {
        const ms = performance.now() - startMs;
        socket.destroy();
        const state = missing === undefined ? stateOfTime(ms, warnMs, critMs) : 'critical';
        resolve(
          reading(state, missing ?? `${host}:${port} answers in ${ms.toFixed(1)} ms`, [timeDatum(ms, warnMs, critMs)]),
        );
      };
      socket.on('connect', () => {
        if (send !== undefined) socket.write(send);
        if (expect === undefined) finish();
      });
      socket.on('data', (chunk: Buffer) => {
        reply = (reply + chunk.toString('latin1')).slice(0, MAX_REPLY);
        if (expect !== undefined && reply.includes(expect)) finish();
      });
      socket.on('close', () => finish(`${host}:${port} closed without ${JSON.stringify(expect ?? '')}`));
      socket.on('error', (error) =>
        signal.aborted ? reject(signal.reason) : resolve(reading('critical', `${host}:${port}: ${why(error)}`)),
      );
    }),
};
