/** Requests of HTTP/1 and their answers. */
import { INSPECT_HTTP, INSPECT_SOME } from '../../table/inspection.ts';
import {
  announcedBytes,
  basicUser,
  type HttpRequest,
  type HttpResponse,
  mediaTypes,
  readHttp,
} from '../language/http/message.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';
import { UpgradeFollower } from './follow-upgrade.ts';
import type { HandshakeParts } from './handshake.ts';

/** Requests of one connection that wait for their answers. */
const MAX_PENDING = 16;
const SWITCHING_PROTOCOLS = 101;

interface Pending {
  readonly request: HttpRequest;
  readonly timeS: number;
}

export class HttpFollower implements Follower {
  readonly #parts: HandshakeParts;
  readonly #pending: Pending[] = [];
  #depth = 0;
  /** The first head of each side has been read: what follows is told by packets that begin with one. */
  #hasRequest = false;
  #hasResponse = false;
  #tunnel: UpgradeFollower | null = null;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  follow(flow: FlowInspection, said: Said): number {
    // The proxy's answer to CONNECT comes before the tunnel.
    if (this.#tunnel !== null && this.#hasResponse) return this.#tunnel.follow(flow, said);
    const isLater = said.isAnswer ? this.#hasResponse : this.#hasRequest;
    this.#read(flow, isLater ? said.bytes : flow.side(said.isAnswer).start, isLater, said);
    if (this.#tunnel !== null) return INSPECT_SOME;
    return this.#hasRequest && this.#hasResponse ? INSPECT_HTTP : INSPECT_SOME;
  }

  end(flow: FlowInspection): void {
    this.#readCut(flow);
    for (const { request, timeS } of this.#pending) this.#tell(flow, request, null, timeS);
    this.#pending.length = 0;
    this.#tunnel?.end(flow);
  }

  /** Messages one behind the other. @param isLater the first may be cut: it begins a packet */
  #read(flow: FlowInspection, bytes: Uint8Array, isLater: boolean, said: Said): void {
    let at = 0;
    for (let count = 0; count < MAX_PENDING && at < bytes.length; count++) {
      const head = readHttp(bytes.subarray(at), isLater);
      if (head === null || (head.bytes === null && !isLater)) return;
      if (said.isAnswer) this.#hasResponse = true;
      else this.#hasRequest = true;
      this.#take(flow, head, said.timeS);
      if (head.bytes === null) return;
      at += head.bytes + announcedBytes(head);
    }
  }

  /** First heads that never got whole. */
  #readCut(flow: FlowInspection): void {
    for (const isAnswer of [false, true]) {
      if (isAnswer ? this.#hasResponse : this.#hasRequest) continue;
      const head = readHttp(flow.side(isAnswer).start, true);
      if (head !== null) this.#take(flow, head, flow.firstTimeS);
    }
    this.#hasRequest = true;
    this.#hasResponse = true;
  }

  #take(flow: FlowInspection, head: HttpRequest | HttpResponse, timeS: number): void {
    if (head.kind === 'request') {
      // What follows is somebody else's connection, most often in TLS.
      if (head.method === 'CONNECT') this.#tunnel ??= new UpgradeFollower(this.#parts);
      const oldest = this.#pending.length >= MAX_PENDING ? this.#pending.shift() : undefined;
      if (oldest !== undefined) this.#tell(flow, oldest.request, null, oldest.timeS);
      this.#pending.push({ request: head, timeS });
      flow.facts.serverName ??= head.headers.get('host') ?? null;
      return;
    }
    // Goes on; the answer is still to come.
    if (head.status < 200 && head.status !== SWITCHING_PROTOCOLS) return;
    flow.facts.banner ??= head.headers.get('server') ?? null;
    if (head.status === SWITCHING_PROTOCOLS && head.headers.get('upgrade')?.toLowerCase() === 'websocket') {
      flow.facts.application = 'websocket';
    }
    const asked = this.#pending.shift();
    this.#tell(flow, asked?.request ?? null, head, asked?.timeS ?? timeS);
  }

  #tell({ flow }: FlowInspection, request: HttpRequest | null, response: HttpResponse | null, timeS: number): void {
    this.#depth += 1;
    const header = (name: string): string | undefined => request?.headers.get(name);
    const user = request === null ? undefined : basicUser(request);
    const requestTypes = request === null ? undefined : mediaTypes(request);
    const responseTypes = response === null ? undefined : mediaTypes(response);
    this.#parts.sink.http(
      {
        timeS,
        uid: this.#parts.uid(flow),
        sourceAddress: flow.sourceAddress,
        sourcePort: flow.sourcePort,
        destinationAddress: flow.destinationAddress,
        destinationPort: flow.destinationPort,
        depth: this.#depth,
        ...(request === null ? {} : { method: request.method, uri: request.uri, version: request.version }),
        ...defined('host', header('host')),
        ...defined('referrer', header('referer')),
        ...defined('userAgent', header('user-agent')),
        ...defined('origin', header('origin')),
        ...defined('user', user),
        requestBodyBytes: request === null ? 0 : announcedBytes(request),
        responseBodyBytes: response === null ? 0 : announcedBytes(response),
        ...(response === null ? {} : { statusCode: response.status, statusText: response.reason }),
        ...(request === null || request.proxied.length === 0 ? {} : { proxied: request.proxied }),
        ...defined('requestTypes', requestTypes),
        ...defined('responseTypes', responseTypes),
      },
      flow,
    );
  }
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): { [Each in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Each in Name]?: Value });
}
