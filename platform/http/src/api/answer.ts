/** Puts answers on the wire, the same way everywhere. */
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { problemOf } from './problem.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** @param body what a handler gave back; undefined or null with status 204 sends none */
export function sendResult(reply: FastifyReply, status: number, contentType: string | undefined, body: unknown): void {
  reply.code(status).header('cache-control', 'no-store');
  if (status === 204) reply.send();
  else if (contentType !== undefined) reply.type(contentType).send(body as string | Uint8Array | Readable);
  else reply.header('content-type', JSON_TYPE).send(JSON.stringify(body ?? null));
}

export function sendProblem(reply: FastifyReply, error: unknown, requestId: string, nowUs: number): number {
  const { status, headers, body } = problemOf(error, requestId, nowUs);
  reply.code(status).headers(headers).send(JSON.stringify(body));
  return status;
}
