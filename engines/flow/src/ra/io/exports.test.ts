import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { run as argus } from '../../argus/command/argus.ts';
import { flow } from '../../argus/testing/stream.ts';
import { makeEncoder } from '../../netflow/encoder.ts';
import { temporaryFolder } from '../../netflow/testing/peers.ts';
import type { Program } from '../../program.ts';
import { run as ra } from '../ra.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

async function run(program: Program, ...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = Readable.from([]);
  const code = await program(argv, { stdin, stdout, stderr, env: { TZ: 'UTC' }, signal: new AbortController().signal });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('-r cisco:file', () => {
  const path = join(folder.path, 'messages');
  const messages: Uint8Array[] = [];
  const encoder = makeEncoder('netflow9', (message) => messages.push(message.slice()), {
    maxBytes: 1400,
    domain: 1,
    nowMs: () => 1_700_000_001_000,
  });
  for (const sequence of [1, 2, 3]) encoder.add(flow(sequence));
  encoder.flush();
  writeFileSync(path, Buffer.concat(messages));

  it('gives ra the flows that were exported', async () => {
    const { code, stdout } = await run(
      ra,
      '-X',
      '-nn',
      '-c',
      ',',
      '-s',
      'flgs',
      'saddr',
      'sport',
      'pkts',
      '-r',
      `cisco:${path}`,
      '-',
      'not',
      'port',
      '2',
    );
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1, 3)).toEqual(['N         ,10.0.0.1,1,1', 'N         ,10.0.0.1,3,1']);
  });

  it('gives argus what it writes on', async () => {
    const target = join(folder.path, 'flows.argus');
    expect(await run(argus, '-X', '-r', `cisco:${path}`, '-w', target)).toMatchObject({ code: 0 });
    const { stdout } = await run(ra, '-X', '-nn', '-c', ',', '-s', 'sport', '-r', target);
    expect(stdout.trim().split('\n').slice(1)).toEqual(['1', '2', '3']);
  });

  it('ends with 2 where there is no file', async () => {
    const { code, stderr } = await run(ra, '-X', '-r', `cisco:${path}.none`);
    expect(code).toBe(2);
    expect(stderr).toContain('no such file');
  });
});
