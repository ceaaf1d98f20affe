import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Backup, type BackupResult, type Migrations, UndercroftError } from '@undercroft/kernel';
import { ManualClock, SystemClock, silentLog } from '@undercroft/kernel/testing';
import fc from 'fast-check';
import { create as createTar } from 'tar';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ControlConfig } from '../control/config.ts';
import { takeOwnership } from '../owner/owner.ts';
import { findPostgres, openTestStore, type PostgresServer, startPostgres, type TestStore } from '../testing/index.ts';
import { parseManifest } from './manifest.ts';
import { restoreBackup } from './restore.ts';
import { startBackups } from './service.ts';

const migrations: Migrations = {
  'things-0001-table': {
    async up(db) {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .execute();
    },
  },
};
const modules = [{ name: 'things', migrations }];
const sqlite: ControlConfig = { kind: 'sqlite' };

let scratch: string;
let dataDir: string;
let store: TestStore | undefined;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'undercroft-backup-'));
  dataDir = join(scratch, 'data');
});
afterEach(async () => {
  await store?.stop();
  store = undefined;
  await rm(scratch, { recursive: true, force: true });
});

/** An installation with something in each part of it. */
async function install(control: ControlConfig = sqlite): Promise<{ store: TestStore; backups: Backup }> {
  const opened = await openTestStore({ dataDir, control, modules });
  store = opened;
  await opened.control.write((tx) => tx.insertInto('thing').values({ id: 'kept' }).execute());
  await opened.blobs.put('scan/report', Buffer.from('a report'));
  await writeFile(join(await opened.folder('metrics'), 'tier0'), 'being written');
  await writeFile(join(await opened.folder('keys'), 'boot.key'), 'secret', { mode: 0o600 });
  await writeFile(join(dataDir, 'undercroft.yaml'), 'http: {}\n');
  await mkdir(join(dataDir, 'run'));
  await writeFile(join(dataDir, 'run', 'pid'), '1');
  const copies = new Map([['metrics', (target: string) => writeFile(join(target, 'tier0'), 'a consistent copy')]]);
  const events = {
    async backup(target: string) {
      await mkdir(target, { recursive: true });
      await writeFile(join(target, 'hot.duckdb'), 'events');
    },
  };
  const sources = {
    dataDir,
    control: opened.control as never,
    events,
    copies,
    clock: new ManualClock(),
    version: '1.2.3',
  };
  return { store: opened, backups: startBackups({ ...sources, log: silentLog }) };
}

function restore(backup: string, moveAside = false, control: ControlConfig = sqlite): ReturnType<typeof restoreBackup> {
  return restoreBackup({ backup, dataDir, moveAside, control, clock: new ManualClock() });
}

async function things(control: ControlConfig = sqlite): Promise<string[]> {
  store = await openTestStore({ dataDir, control, modules });
  const rows = (await store.control.db().selectFrom('thing').select('id').execute()) as { id: string }[];
  return rows.map((row) => row.id);
}

describe.each(['backup', 'backup.tar.gz'])('a backup as %s', (name) => {
  test('holds everything and puts it back', async () => {
    const { store: first, backups } = await install();
    const target = join(scratch, name);
    const result = await backups.create(target);
    expect(result).toMatchObject({ path: target, files: 6 });
    expect(result.warnings).toEqual([expect.stringContaining('folder keys')]);
    await first.control.write((tx) => tx.insertInto('thing').values({ id: 'later' }).execute());
    await first.stop();
    const restored = await restore(target, true);
    expect(restored).toMatchObject({
      version: '1.2.3',
      files: 6,
      movedTo: expect.stringContaining('.before-restore-'),
    });
    expect((await readdir(dataDir)).toSorted()).toEqual([
      'blobs',
      'control',
      'events',
      'keys',
      'metrics',
      'undercroft.yaml',
    ]);
    expect(await things()).toEqual(['kept']);
    expect((await buffer(await store!.blobs.get('scan/report'))).toString()).toBe('a report');
    expect(await readFile(join(dataDir, 'metrics', 'tier0'), 'utf8')).toBe('a consistent copy');
    expect(await readFile(join(dataDir, 'events', 'hot.duckdb'), 'utf8')).toBe('events');
    expect((await stat(join(dataDir, 'keys', 'boot.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(restored.movedTo!)).toContain('run');
    expect((await readdir(scratch)).toSorted()).toEqual(
      [name, 'data', restored.movedTo!.slice(scratch.length + 1)].toSorted(),
    );
  });
});

describe('a backup', () => {
  test('does not overwrite, nor contain itself', async () => {
    const { backups } = await install();
    await writeFile(join(scratch, 'taken'), '');
    await expect(backups.create(join(scratch, 'taken'))).rejects.toMatchObject({ code: 'backup.target', status: 409 });
    for (const wrong of ['a\0b', 'x'.repeat(300), 'taken/below'])
      await expect(backups.create(join(scratch, wrong))).rejects.toMatchObject({ code: 'backup.target', status: 400 });
    await expect(backups.create('backup')).rejects.toMatchObject({ code: 'backup.target', status: 400 });
    await expect(backups.create(join(dataDir, 'copy'))).rejects.toMatchObject({ code: 'backup.target', status: 400 });
    await backups.create(join(dataDir, 'backups', 'monday'));
    expect((await backups.create(join(dataDir, 'backups', 'tuesday.tgz'))).files).toBe(6);
  });

  test('runs once at a time', async () => {
    const { backups } = await install();
    const [first, second] = await Promise.allSettled([
      backups.create(join(scratch, 'one')),
      backups.create(join(scratch, 'two')),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'backup.running' } });
  });

  test('that fails leaves nothing behind', async () => {
    const { store: opened } = await install();
    const events = { backup: () => Promise.reject(new UndercroftError('events.busy', 'busy')) };
    const control = opened.control as never;
    const sources = {
      dataDir,
      control,
      events,
      copies: new Map(),
      clock: new SystemClock(),
      version: '1',
      log: silentLog,
    };
    await expect(startBackups(sources).create(join(scratch, 'b.tar.gz'))).rejects.toMatchObject({
      code: 'events.busy',
    });
    expect(await readdir(scratch)).toEqual(['data']);
  });
});

describe('a restore', () => {
  async function backedUp(name = 'backup'): Promise<string> {
    const { store: opened, backups } = await install();
    await backups.create(join(scratch, name));
    await opened.stop();
    store = undefined;
    return join(scratch, name);
  }

  test('refuses to replace state unless told to move it aside', async () => {
    const backup = await backedUp();
    await expect(restore(backup)).rejects.toMatchObject({ code: 'restore.not-empty', status: 409 });
    expect(await things()).toEqual(['kept']);
  });

  test('refuses while a server runs', async () => {
    const backup = await backedUp();
    const owner = await takeOwnership(dataDir);
    await expect(restore(backup, true)).rejects.toMatchObject({
      code: 'restore.running',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await owner.release();
  });

  test.each([
    ['changed', (folder: string) => writeFile(join(folder, 'blobs', 'scan', 'report'), 'a rebort')],
    ['shortened', (folder: string) => writeFile(join(folder, 'blobs', 'scan', 'report'), 'a rep')],
    ['missing', (folder: string) => rm(join(folder, 'keys', 'boot.key'))],
    ['too many', (folder: string) => writeFile(join(folder, 'extra'), '')],
  ])('refuses a backup with a file that is %s, and touches nothing', async (_what, damage) => {
    const backup = await backedUp();
    await damage(backup);
    await expect(restore(backup, true)).rejects.toMatchObject({ code: 'restore.damaged', status: 400 });
    expect(await things()).toEqual(['kept']);
    expect(await readdir(scratch)).toEqual(['backup', 'data']);
  });

  test('refuses what is no backup', async () => {
    await mkdir(join(scratch, 'folder'));
    await writeFile(join(scratch, 'file.tar.gz'), 'no archive');
    await expect(restore(join(scratch, 'folder'))).rejects.toMatchObject({ code: 'restore.manifest' });
    await expect(restore(join(scratch, 'file.tar.gz'))).rejects.toMatchObject({ code: 'restore.manifest' });
    await expect(restore(join(scratch, 'nothing'))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('refuses an archive that was cut short', async () => {
    const backup = await backedUp('backup.tgz');
    const bytes = await readFile(backup);
    await writeFile(backup, bytes.subarray(0, bytes.length / 2));
    await expect(restore(backup, true)).rejects.toMatchObject({ code: 'restore.manifest' });
  });

  test('refuses an archive with a link in it', async () => {
    await mkdir(join(scratch, 'evil'));
    await symlink('/etc', join(scratch, 'evil', 'control'));
    await createTar({ cwd: join(scratch, 'evil'), file: join(scratch, 'evil.tgz'), gzip: true }, ['.']);
    await expect(restore(join(scratch, 'evil.tgz'))).rejects.toMatchObject({ code: 'restore.manifest' });
  });

  test('refuses a backup of the other dialect', async () => {
    const backup = await backedUp();
    const control: ControlConfig = { kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' };
    await expect(restore(backup, true, control)).rejects.toMatchObject({ code: 'restore.dialect' });
  });
});

describe('the manifest', () => {
  const file = { path: 'a', sizeBytes: 0, sha256: '0'.repeat(64) };
  const manifest = {
    product: 'undercroft',
    format: 1,
    version: '1',
    createdAt: '',
    control: 'sqlite',
    files: [],
    warnings: [],
  };

  test('of a newer format is refused', () => {
    const text = JSON.stringify({ ...manifest, format: 99 });
    expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: 'restore.format' }));
  });

  test.each(['../a', '/a', 'a/../../b', 'a//b', 'a\\b', ''])('does not name %j', (path) => {
    const text = JSON.stringify({ ...manifest, files: [{ ...file, path }] });
    expect(() => parseManifest(text)).toThrow(expect.objectContaining({ code: 'restore.manifest' }));
  });

  test('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseManifest(text);
        } catch (error) {
          expect(error).toBeInstanceOf(UndercroftError);
        }
      }),
    );
  });
});

const postgres = await findPostgres();
describe.skipIf('absent' in postgres)('on PostgreSQL', () => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if ('bin' in postgres) server = await startPostgres(postgres.bin);
  });
  afterAll(() => server?.stop());

  test('the database is dumped and put back with the rest', async () => {
    const control: ControlConfig = {
      kind: 'postgres',
      url: await server!.emptyDatabase(),
      password: server!.password,
    };
    const { store: opened, backups } = await install(control);
    const result: BackupResult = await backups.create(join(scratch, 'backup'));
    expect(result.files).toBe(6);
    await opened.control.write((tx) => tx.insertInto('thing').values({ id: 'later' }).execute());
    await opened.stop();
    await restore(join(scratch, 'backup'), true, control);
    expect(await things(control)).toEqual(['kept']);
  });
});
