/** The main job, as a stranger meets it: one command, and everything is watched. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, descendants, freePort, OWNER_TOKEN, type RunningPlatform, startPlatform, until } from './platform.ts';

interface Item {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly present: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}
interface List<T = Item> {
  readonly items: readonly T[];
}
interface ProblemView {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly closedAt?: string;
}

describe('one command', () => {
  let platform: RunningPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ args: ['--set', 'watch.newPort.quietS=1', '--set', 'watch.newPort.settleS=1'] });
  }, 90_000);
  afterAll(async () => {
    await platform?.stop();
    platform?.remove();
  });
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> => platform.api<T>(method, path, body);

  it('prints the address and what is watched, and no secret', () => {
    expect(platform.output()).toContain(`Console    ${platform.url}`);
    expect(platform.output()).toMatch(/Watching\s+Metrics|Watching/);
    expect(platform.output()).not.toContain(OWNER_TOKEN);
  });

  it('answers nobody who is not signed in', async () => {
    const response = await fetch(`${platform.url}/platform/v1/assets`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      401,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(
      (await fetch(`${platform.url}/platform/v1/assets`, { headers: { 'x-vault-token': OWNER_TOKEN } })).status,
    ).toBe(200);
    expect((await fetch(`${platform.url}/platform/v1/health`)).status).toBe(200);
  });

  it('knows this host', async () => {
    await until(async () => (await api<List>('GET', '/assets?q=type:host')).items.length > 0, 15_000);
    const [host] = (await api<List>('GET', '/assets?q=type:host')).items;
    expect(host).toMatchObject({
      id: expect.any(String),
      type: 'host',
      name: hostname(),
      attributes: { cores: expect.any(Number) },
    });
  });

  it('measures it every second', async () => {
    const query = { charts: ['system.cpu', 'system.ram'], from: '-10', to: '0' };
    await until(async () => {
      const { series } = await api<{ series: readonly { chart: string; values: readonly (number | null)[] }[] }>(
        'POST',
        '/metrics/query',
        query,
      );
      return series.some(
        (each) => each.chart === 'system.ram' && each.values.filter((value) => value !== null).length >= 3,
      );
    }, 15_000);
  });

  it('lists its processes', async () => {
    await until(async () => (await api<{ total: number }>('GET', '/metrics/processes?limit=5')).total > 3, 15_000);
  });

  it('sees a port open, says whose it is, and sees it close', async () => {
    const listener = spawn(
      process.execPath,
      [
        '-e',
        'require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const port = Number(
      await new Promise<string>((resolve) =>
        listener.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
      ),
    );
    try {
      await until(async () => (await api<List>('GET', `/assets?q=type:port port:${port}`)).items.length === 1, 30_000);
      await until(async () => {
        const { items } = await api<List<{ message: string; attributes: unknown }>>(
          'GET',
          '/events?class=detection_finding&limit=100',
        );
        return items.some(
          (event) => event.message.includes(`tcp/${port} opened on`) && event.message.includes(`pid ${listener.pid}`),
        );
      }, 30_000);
    } finally {
      listener.kill();
    }
    await until(async () => (await api<List>('GET', `/assets?q=type:port port:${port}`)).items.length === 0, 90_000);
  }, 150_000);

  it('scans loopback and keeps the result as Nmap XML', async () => {
    const server: Server = createServer(
      (socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1 x\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { id } = await api<{ id: string }>('POST', '/scans', { targets: ['127.0.0.1'], ports: `${port},1` });
      await until(async () => (await api<{ state: string }>('GET', `/scans/${id}`)).state === 'finished', 20_000);
      expect(await api<string>('GET', `/scans/${id}/xml`)).toContain(
        `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1"`,
      );
    } finally {
      server.close();
    }
    await expect(api('POST', '/scans', { targets: ['203.0.113.1'] })).rejects.toThrow('403');
  }, 40_000);

  it('checks, and says when it does not work', async () => {
    const port = await freePort();
    const check = await api<{ id: string }>('POST', '/checks', {
      name: 'Nothing there',
      kind: 'tcp',
      options: { host: '127.0.0.1', port },
      maxAttempts: 1,
    });
    await api('POST', `/checks/${check.id}/run`);
    await until(
      async () =>
        (await api<List<ProblemView>>('GET', '/problems?open=true')).items.some((problem) =>
          problem.title.startsWith('Nothing there'),
        ),
      10_000,
    );
    await api('DELETE', `/checks/${check.id}`);
    await until(
      async () =>
        !(await api<List<ProblemView>>('GET', '/problems?open=true')).items.some((problem) =>
          problem.title.startsWith('Nothing there'),
        ),
      10_000,
    );
  }, 30_000);

  it.skipIf(process.getuid?.() !== 0)(
    'says within seconds that a filesystem is full, and when it is not (skipped unless root: mounts a tmpfs)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'undercroft-tmpfs-'));
      const problem = async (): Promise<ProblemView | undefined> =>
        (await api<List<ProblemView>>('GET', '/problems?open=true&limit=1000')).items.find((each) =>
          each.title.includes(folder),
        );
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]);
      try {
        writeFileSync(join(folder, 'fill'), Buffer.alloc(15.5 * 1024 * 1024));
        // It may be seen half full first.
        await until(
          async () => (await problem())?.state === 'critical',
          15_000,
          () => `no critical problem for ${folder}`,
        );
        rmSync(join(folder, 'fill'));
        await until(
          async () => (await problem()) === undefined,
          15_000,
          () => 'the problem did not close',
        );
      } finally {
        spawnSync('umount', ['-l', folder]);
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );

  it('streams what happens', async () => {
    const abort = new AbortController();
    const response = await fetch(`${platform.url}/platform/v1/live?topics=checks`, {
      headers: { authorization: `Bearer ${OWNER_TOKEN}` },
      signal: abort.signal,
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    await api('POST', '/checks/undercroft/run');
    await until(async () => {
      const { value } = await reader.read();
      text += Buffer.from(value ?? []).toString();
      return text.includes('event: checks');
    }, 10_000);
    abort.abort();
  }, 20_000);

  it('takes a changed configuration by SIGHUP and by the API, and keeps the old one when the new is wrong', async () => {
    const file = join(platform.dataDir, 'undercroft.yaml');
    const setting = async (): Promise<unknown> =>
      (await api<List<{ key: string; value: unknown }>>('GET', '/config')).items.find(
        ({ key }) => (key as string) === 'http.allowedHosts',
      )?.value;
    const greet = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const { hostname: host, port } = new URL(platform.url);
        get({ host, port, path: '/platform/v1/health', headers: { host: 'console.example' } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        }).on('error', reject);
      });
    expect(await greet()).toBe(421);
    writeFileSync(file, 'http:\n  allowedHosts: [console.example]\n');
    platform.process.kill('SIGHUP');
    await until(async () => (await greet()) === 200, 10_000);
    expect(await setting()).toEqual(['console.example']);
    writeFileSync(file, 'http:\n  allowedHosts: 7\n');
    await expect(api('POST', '/config/reload')).rejects.toThrow(/undercroft\.yaml:2: http\.allowedHosts is 7/);
    expect(await greet()).toBe(200);
    rmSync(file);
    expect((await api<{ changed: string[] }>('POST', '/config/reload')).changed).toEqual(['http.allowedHosts']);
    expect(await greet()).toBe(421);
  }, 30_000);

  it('backs up while it runs', async () => {
    const target = join(platform.dataDir, '..', `undercroft-backup-${process.pid}.tar.gz`);
    await api('POST', '/backups', { target });
    const restored = mkdtempSync(join(tmpdir(), 'undercroft-restored-'));
    try {
      rmSync(restored, { recursive: true });
      execFileSync(process.execPath, [BIN, 'restore', target, '--data', restored]);
      const again = await startPlatform({ dataDir: restored });
      try {
        expect((await again.api<List>('GET', '/assets?q=type:host')).items.map((host) => host.name)).toEqual([
          hostname(),
        ]);
      } finally {
        await again.stop();
      }
    } finally {
      rmSync(target, { force: true });
      rmSync(restored, { recursive: true, force: true });
    }
  }, 90_000);

  it('survives the death of each of its processes', async () => {
    for (const role of ['agent', 'sensor', 'server']) {
      const before = await rolePid(role);
      process.kill(before, 'SIGKILL');
      await until(
        async () => (await rolePid(role)) !== before && (await rolePid(role)) !== undefined,
        30_000,
        () => `the ${role} did not come back`,
      );
    }
    await until(async () => (await api<{ status: string }>('GET', '/health')).status === 'ok', 30_000);
    expect((await api<List>('GET', '/assets?q=type:host')).items).toHaveLength(1);
  }, 120_000);

  async function rolePid(role: string): Promise<number> {
    const { roles } = await api<{ roles: readonly { role: string; pid?: number; state: string }[] }>('GET', '/system');
    const pid = roles.find((each) => each.role === role && each.state === 'running')?.pid;
    if (pid === undefined) throw new Error(`the ${role} is not running`);
    return pid;
  }

  it('says what is in the way when it is started twice', async () => {
    const second = spawn(process.execPath, [BIN, 'up', '--data', platform.dataDir, '--listen', platform.url.slice(7)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    second.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(
      () => /cannot start: /.test(output),
      30_000,
      () => output,
    );
    expect(output).toMatch(/cannot start: .*(in use|running|owned|locked|holds)/i);
    const exited = new Promise((resolve) => second.once('exit', resolve));
    second.kill('SIGINT');
    await exited;
  }, 60_000);

  it('ends cleanly, leaves no process behind, and shows yesterday after a restart', async () => {
    const group = descendants(platform.process.pid as number);
    expect(group.length).toBeGreaterThanOrEqual(3);
    expect(await platform.stop()).toBe(0);
    expect(group.filter(isAlive)).toEqual([]);
    const before = Date.now() / 1000;
    platform = await startPlatform({ dataDir: platform.dataDir });
    expect((await api<List>('GET', '/assets?q=type:host')).items).toHaveLength(1);
    const { series } = await api<{ series: readonly { values: readonly (number | null)[] }[] }>(
      'POST',
      '/metrics/query',
      { charts: ['system.ram'], from: String(Math.floor(before - 30)), to: String(Math.floor(before)) },
    );
    expect(series.some((each) => each.values.some((value) => value !== null))).toBe(true);
  }, 120_000);
});

describe('the first sign-in', () => {
  it('is by a link that works once and makes the owner', async () => {
    const platform = await startPlatform({ ownerToken: false });
    try {
      const code = /\/app\/welcome#(\S+)/.exec(platform.output())?.[1];
      expect(code).toBeDefined();
      const welcome = (body: unknown): Promise<Response> =>
        fetch(`${platform.url}/platform/v1/welcome`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: platform.url },
          body: JSON.stringify(body),
        });
      expect(
        (await welcome({ code: 'guess-guess-guess-guess', name: 'eve', password: 'correct horse battery' })).status,
      ).toBeGreaterThanOrEqual(400);
      const made = await welcome({ code, name: 'ana', password: 'correct horse battery' });
      expect(made.status).toBe(200);
      expect(made.headers.get('set-cookie')).toMatch(/undercroft_session=[^;]+;.*HttpOnly.*SameSite=Strict/i);
      expect((await welcome({ code, name: 'eve', password: 'correct horse battery' })).status).toBe(410);
    } finally {
      await platform.stop();
      platform.remove();
    }
  }, 120_000);
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
