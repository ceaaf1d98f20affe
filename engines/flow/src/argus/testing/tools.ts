/** The real Argus programs, for tests that ask them; a test that needs one that is not there is skipped. */
import { spawn, spawnSync } from 'node:child_process';
import { OwnedBatch } from '../../record/batch.ts';
import { FlowRecord } from '../../record/record.ts';
import { decodeRecord } from '../wire/decode.ts';

export function hasTool(name: string): boolean {
  return spawnSync(name, ['-h'], { stdio: 'ignore', timeout: 10_000 }).error === undefined;
}

export interface ToolResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Ends the program when it takes too long. */
export async function runTool(name: string, args: readonly string[], input?: Uint8Array): Promise<ToolResult> {
  const child = spawn(name, args, { env: { ...process.env, TZ: 'UTC' }, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { code, stdout: Buffer.concat(stdout), stderr };
}

/** Records of argus from a capture: its own file's bytes. */
export async function argusRecords(capture: string, options: readonly string[] = []): Promise<Buffer> {
  const { stdout } = await runTool('argus', ['-X', '-F', '/dev/null', ...options, '-r', capture, '-w', '-']);
  return stdout;
}

export const RA_FIELDS = [
  'stime,ltime,flgs,proto,saddr,sport,dir,daddr,dport,spkts,dpkts,sbytes,dbytes,sappbytes,dappbytes,state,seq,cause',
  'smac,dmac,svlan,dvlan,smpls,dmpls,senc,denc,sttl,dttl,stos,dtos,sipid,dipid,inode,tcprtt,synack,ackdat,tcpopt',
  'swin,dwin,stcpb,dtcpb,sloss,dloss,sminsz,smaxsz,dminsz,dmaxsz,sjit,djit,sintpkt,dintpkt,suser:64,duser:64,label,srcid',
]
  .join(',')
  .split(',');

/** What ra prints of a file: all the fields above, nothing looked up. */
export async function raPrints(bytes: Uint8Array): Promise<string> {
  const { stdout } = await runTool(
    'ra',
    ['-F', '/dev/null', '-X', '-nn', '-c', ',', '-u', '-r', '-', '-s', ...RA_FIELDS],
    bytes,
  );
  return stdout.toString();
}

/** The records of a stream one by one, each a view of its bytes. */
export function* recordsOf(stream: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  for (let at = 0; at + 4 <= stream.length; ) {
    const bytes = view.getUint16(at + 2) * 4;
    if (bytes === 0 || at + bytes > stream.length) return;
    yield stream.subarray(at, at + bytes);
    at += bytes;
  }
}

/** One record in memory of its own. @returns null when nobody reads such a record */
export function decodeOne(bytes: Uint8Array): FlowRecord | null {
  const room = (bytes.length + 3) & ~3;
  const batch = new OwnedBatch(1, 2 * room + 8);
  batch.bytes.set(bytes, batch.roomStart);
  const record = new FlowRecord().at(batch, 0);
  const spill = { at: batch.roomStart + room };
  return decodeRecord(record, batch.view, batch.roomStart, bytes.length >> 2, spill) ? record : null;
}
