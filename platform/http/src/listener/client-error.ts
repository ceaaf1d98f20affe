/** Answers to what is no HTTP: there is no request to answer, only a socket. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_TYPE } from '../api/problem.ts';

interface Malformed {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const KNOWN: Readonly<Record<string, Malformed>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'http.head-size', detail: 'The head of the request is too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'http.request-timeout',
    detail: 'The request did not arrive in time.',
  },
  HPE_INVALID_METHOD: { status: 501, code: 'http.method', detail: 'This method is not known here.' },
};
const MALFORMED: Malformed = {
  status: 400,
  code: 'http.malformed',
  detail: 'The request is not well-formed HTTP/1.1.',
};

interface ParseError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

export function answerClientError(error: ParseError, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { status, code, detail } = (isHttp(error) ? KNOWN[error.code ?? ''] : undefined) ?? MALFORMED;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: `urn:undercroft:problem:${code}`, title, status, detail, code, requestId });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** The parser calls whatever it does not know a method: a TLS greeting on a plain port, a stray line. */
function isHttp({ code, rawPacket }: ParseError): boolean {
  return (
    code !== 'HPE_INVALID_METHOD' || /^[A-Z-]{1,20} \S+ HTTP\/1\.[01]\r?\n/.test(rawPacket?.toString('latin1') ?? '')
  );
}
