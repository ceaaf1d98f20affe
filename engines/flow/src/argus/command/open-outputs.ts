/** Opens what `-w` and `-P` name. */
import type { TlsOptions } from 'node:tls';
import type { ProgramIo } from '../../program.ts';
import { RecordServer } from '../net/server.ts';
import { FileOutput, StreamOutput } from '../write/file.ts';
import type { FilterCompiler } from '../write/output.ts';
import type { RecordOutputs } from '../write/outputs.ts';
import { parseUdpUrl, UdpOutput } from '../write/udp.ts';
import type { OutputSetting } from './settings.ts';

export interface OutputRequest {
  readonly outputs: readonly OutputSetting[];
  /** 0 is none. */
  readonly port: number;
  /** Loopback when empty; `any` is all addresses. */
  readonly bindAddresses: readonly string[];
  readonly tls?: TlsOptions;
  readonly compileFilter: FilterCompiler;
  readonly nowUs: () => number;
  readonly monotonicMs: () => number;
}

/** @returns the servers that listen, one an address */
export async function openOutputs(
  to: RecordOutputs,
  request: OutputRequest,
  io: ProgramIo,
): Promise<readonly RecordServer[]> {
  const { compileFilter } = request;
  const greeting = (): Uint8Array => to.greeting();
  for (const { target, filter } of request.outputs) {
    const accepts = filter === undefined ? undefined : compileFilter(filter);
    const udp = parseUdpUrl(target);
    if (udp !== undefined) to.add(await UdpOutput.open(udp.host, udp.port, greeting()), accepts);
    else if (target === '-') to.add(new StreamOutput(io.stdout, greeting()), accepts);
    else to.add(await FileOutput.open(target, { greeting, monotonicMs: request.monotonicMs }), accepts);
  }
  if (request.port === 0) return [];
  const servers: RecordServer[] = [];
  for (const address of request.bindAddresses.length === 0 ? ['127.0.0.1'] : request.bindAddresses) {
    const server = await RecordServer.listen({
      port: request.port,
      host: address === 'any' ? '::' : address,
      head: to.head,
      greeting,
      nowUs: request.nowUs,
      compileFilter,
      ...(request.tls === undefined ? {} : { tls: request.tls }),
    });
    to.add(server);
    servers.push(server);
  }
  return servers;
}

export function clientCount(servers: readonly RecordServer[]): number {
  return servers.reduce((sum, server) => sum + server.clients.length, 0);
}
