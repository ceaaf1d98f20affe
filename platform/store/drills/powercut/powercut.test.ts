import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { Disk, type Survival } from './disk.ts';
import type { Operation } from './operation.ts';
import { TraceParser } from './parse.ts';
import { recordTrace, replay, whyNoTrace } from './trace.ts';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'undercroft-powercut-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

describe('the trace', () => {
  const parse = (lines: readonly string[]): readonly Operation[] => {
    const parser = new TraceParser('/d');
    for (const line of lines) parser.line(line);
    return parser.operations;
  };

  test('of plain calls', () => {
    const file = `3<${hex('/d/a,b')}>`;
    expect(
      parse([
        `10 mkdir("${hex('/d/sub')}", 0777) = 0`,
        `10 openat(AT_FDCWD<${hex('/')}>, "${hex('/d/a,b')}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = ${file}`,
        `10 write(${file}, "${hex('one')}", 3) = 3`,
        `10 writev(${file}, [{iov_base="${hex('t')}", iov_len=1}, {iov_base="${hex('wo')}", iov_len=2}], 2) = 3`,
        `10 pwrite64(${file}, "${hex('X')}", 1, 4096) = 1`,
        `10 pwrite64(${file}, "${hex('XY')}", 2, 0) = 1`,
        `10 ftruncate(${file}, 2) = 0`,
        `10 fdatasync(${file}) = 0`,
        `10 fsync(${file}) = -1 EIO (Input/output error)`,
        `10 rename("${hex('/d/a,b')}", "${hex('/d/c')}") = 0`,
        `10 unlinkat(AT_FDCWD<${hex('/d')}>, "${hex('c')}", 0) = 0`,
        `10 write(1<${hex('/dev/null')}>, "${hex('ack 1\n')}", 6) = 6`,
      ]),
    ).toEqual([
      { kind: 'mkdir', path: '/d/sub' },
      { kind: 'create', path: '/d/a,b' },
      { kind: 'write', path: '/d/a,b', offset: 0, data: Buffer.from('one') },
      { kind: 'write', path: '/d/a,b', offset: 3, data: Buffer.from('two') },
      { kind: 'write', path: '/d/a,b', offset: 4096, data: Buffer.from('X') },
      { kind: 'write', path: '/d/a,b', offset: 0, data: Buffer.from('X') },
      { kind: 'truncate', path: '/d/a,b', sizeBytes: 2 },
      { kind: 'sync', path: '/d/a,b', begin: 7 },
      { kind: 'rename', from: '/d/a,b', to: '/d/c' },
      { kind: 'remove', path: '/d/c' },
      { kind: 'say', text: 'ack 1\n' },
    ]);
  });

  test('a sync covers what was done before it began, not what came while it ran', () => {
    const file = `3<${hex('/d/a')}>`;
    const operations = parse([
      `10 openat(AT_FDCWD<${hex('/')}>, "${hex('/d/a')}", O_RDWR|O_CREAT, 0644) = ${file}`,
      '10 clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 11',
      `10 pwrite64(${file}, "${hex('a')}", 1, 0) = 1`,
      `11 fdatasync(${file} <unfinished ...>`,
      `10 pwrite64(${file}, "${hex('b')}", 1, 1) = 1`,
      '11 <... fdatasync resumed>) = 0',
    ]);
    expect(operations.at(-1)).toEqual({ kind: 'sync', path: '/d/a', begin: 2 });
  });

  test('what is said counts from the call on, from the program itself only', () => {
    const operations = parse([
      `10 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 12`,
      `12 write(1<${hex('/dev/null')}>, "${hex('child\n')}", 6) = 6`,
      `10 write(1<${hex('/dev/null')}>, "${hex('mine\n')}", 5 <unfinished ...>`,
      '10 <... write resumed>) = 5',
    ]);
    expect(operations).toEqual([{ kind: 'say', text: 'mine\n' }]);
  });

  test('append goes to the end; a thread shares descriptors, a child has its own', () => {
    const file = `3<${hex('/d/log')}>`;
    const operations = parse([
      `10 openat(AT_FDCWD<${hex('/')}>, "${hex('/d/log')}", O_WRONLY|O_APPEND, 0644) = ${file}`,
      `10 write(${file}, "${hex('a')}", 1) = 1`,
      `10 fork() = 12`,
      `10 close(${file}) = 0`,
      `12 write(${file}, "${hex('b')}", 1) = 1`,
    ]);
    expect(operations.map((operation) => operation.kind === 'write' && operation.offset)).toEqual(['end', 'end']);
  });

  test('any line is read, or refused with a plain error', () => {
    const parser = new TraceParser('/d');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `10 write(3<${text}`),
        ),
        (line) => {
          parser.line(line);
        },
      ),
    );
  });
});

describe('the disk', () => {
  const write = (path: string, text: string, offset = 0): Operation => ({
    kind: 'write',
    path,
    offset,
    data: Buffer.from(text),
  });

  async function crashed(operations: readonly Operation[], survival: Survival): Promise<Record<string, string>> {
    const disk = new Disk('/d');
    for (const operation of operations) disk.apply(operation);
    const target = join(scratch, 'cut');
    await disk.crash(target, survival, seeded(1));
    const files: Record<string, string> = {};
    for (const entry of await readdir(target, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        files[path.slice(target.length + 1)] = await readFile(path, 'latin1');
      }
    return files;
  }

  const made: Operation[] = [{ kind: 'create', path: '/d/a' }, write('/d/a', 'hello')];

  test('forgets a file whose name was never made durable', async () => {
    expect(await crashed([...made, { kind: 'sync', path: '/d/a', begin: 2 }], 'nothing')).toEqual({});
    expect(await crashed(made, 'all')).toEqual({ a: 'hello' });
  });

  test('forgets the content of a file of which only the name is durable', async () => {
    expect(await crashed([...made, { kind: 'sync', path: '/d', begin: 2 }], 'nothing')).toEqual({ a: '' });
  });

  test('keeps what was synced and forgets what came after', async () => {
    const operations: Operation[] = [
      ...made,
      { kind: 'sync', path: '/d/a', begin: 2 },
      { kind: 'sync', path: '/d', begin: 3 },
      write('/d/a', 'HE'),
      { kind: 'truncate', path: '/d/a', sizeBytes: 2 },
    ];
    expect(await crashed(operations, 'nothing')).toEqual({ a: 'hello' });
    expect(await crashed(operations, 'all')).toEqual({ a: 'HE' });
  });

  test('a rename is durable with its folder, whole', async () => {
    const durable: Operation[] = [
      ...made,
      { kind: 'sync', path: '/d/a', begin: 2 },
      { kind: 'sync', path: '/d', begin: 3 },
      { kind: 'rename', from: '/d/a', to: '/d/b' },
    ];
    expect(await crashed(durable, 'nothing')).toEqual({ a: 'hello' });
    expect(await crashed([...durable, { kind: 'sync', path: '/d', begin: 5 }], 'nothing')).toEqual({ b: 'hello' });
  });

  test('a removed file comes back if its folder was not synced', async () => {
    const operations: Operation[] = [
      ...made,
      { kind: 'sync', path: '/d/a', begin: 2 },
      { kind: 'sync', path: '/d', begin: 3 },
    ];
    expect(await crashed([...operations, { kind: 'remove', path: '/d/a' }], 'nothing')).toEqual({ a: 'hello' });
  });

  test('parts of writes are whole sectors of them', async () => {
    const disk = new Disk('/d');
    for (const operation of [
      { kind: 'create', path: '/d/a' },
      { kind: 'extend', path: '/d/a', sizeBytes: 8192 },
      { kind: 'sync', path: '/d/a', begin: 2 },
      { kind: 'sync', path: '/d', begin: 2 },
      write('/d/a', 'x'.repeat(8000), 100),
    ] satisfies Operation[])
      disk.apply(operation);
    const random = seeded(7);
    const shapes = new Set<string>();
    for (let n = 0; n < 40; n++) {
      await disk.crash(join(scratch, 'cut'), 'some', random);
      const bytes = await readFile(join(scratch, 'cut', 'a'));
      const edges = [...bytes.keys()].filter((at) => at > 0 && bytes[at] !== bytes[at - 1]);
      for (const at of edges) expect([0, 100 % 512, 8100 % 512]).toContain(at % 512);
      shapes.add(edges.join());
    }
    expect(shapes.size).toBeGreaterThan(5);
  });
});

const absent = await whyNoTrace();
describe.skipIf(absent !== undefined)(`a recorded program${absent === undefined ? '' : ` (${absent})`}`, () => {
  /** Writes a file, says so, and may or may not do what makes it durable. */
  async function lost(safe: boolean): Promise<{ said: readonly string[]; files: readonly string[] }> {
    const folder = await mkdtemp(join(scratch, 'state-'));
    const program = join(scratch, 'program.mjs');
    await writeFile(
      program,
      `import fs from 'node:fs/promises'; import { writeSync } from 'node:fs';
       const [folder, safe] = process.argv.slice(2);
       const file = await fs.open(folder + '/kept', 'w');
       await file.writeFile('kept');
       if (safe === 'true') { await file.sync(); const own = await fs.open(folder); await own.sync(); }
       writeSync(1, 'written\\n');`,
    );
    const trace = await recordTrace([process.execPath, program, folder, String(safe)], folder);
    const random = seeded(1);
    const target = join(scratch, 'cut');
    const crash = await replay(trace, trace.operations.length, { survival: 'nothing', random, target });
    await trace.discard();
    return { said: crash.said, files: await readdir(target) };
  }

  test('that fsyncs before it speaks keeps its word', async () => {
    expect(await lost(true)).toEqual({ said: ['written'], files: ['kept'] });
  });

  test('that does not is caught', async () => {
    expect(await lost(false)).toEqual({ said: ['written'], files: [] });
  });

  test('that fails says why', async () => {
    await expect(recordTrace([process.execPath, '-e', 'throw new Error("broken")'], scratch)).rejects.toThrow('broken');
  });
});
