import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UndercroftError } from '../errors.ts';
import type { Peer, PeerHandlers } from './peer.ts';
import { connectLink, linkSocketPath, listenLink } from './socket.ts';

const quiet: PeerHandlers = { call: async () => null, tell: () => {}, closed: () => {} };

describe('the link between roles', () => {
  let folder: string;
  let path: string;
  let close: (() => Promise<void>) | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'undercroft-link-'));
    path = linkSocketPath(folder);
  });
  afterEach(async () => {
    await close?.();
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries calls both ways, errors with their code, and messages', async () => {
    let serverSide: Peer | undefined;
    const told: unknown[] = [];
    ({ close } = await listenLink(path, 'secret', (_hello, peer) => {
      serverSide = peer;
      return {
        ...quiet,
        call: async (_service, method, args) => {
          if (method === 'fail') throw new UndercroftError('a.code', 'no', { status: 409, fix: 'do this' });
          return { sum: (args as number[]).reduce((a, b) => a + b, 0), samples: new Float64Array([1, Number.NaN]) };
        },
        tell: (topic, data) => told.push([topic, data]),
      };
    }));
    const peer = await connectLink(path, 'secret', { role: 'agent' }, { ...quiet, call: async () => 'from the agent' });
    expect(await peer.call('x', 'sum', [1, 2])).toEqual({ sum: 3, samples: new Float64Array([1, Number.NaN]) });
    await expect(peer.call('x', 'fail', [])).rejects.toMatchObject({ code: 'a.code', status: 409, fix: 'do this' });
    expect(await serverSide?.call('host', 'facts', [])).toBe('from the agent');
    peer.tell('event', { a: 1 });
    await peer.call('x', 'sum', []);
    expect(told).toEqual([['event', { a: 1 }]]);
    peer.close();
  });

  it('refuses who does not know the secret', async () => {
    let joined = false;
    ({ close } = await listenLink(path, 'secret', () => {
      joined = true;
      return quiet;
    }));
    await expect(connectLink(path, 'guess', { role: 'agent' }, quiet)).rejects.toMatchObject({
      code: 'kernel.link.refused',
    });
    expect(joined).toBe(false);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('rejects what waits when the other side goes', async () => {
    ({ close } = await listenLink(path, 'secret', (_hello, peer) => ({
      ...quiet,
      call: () => new Promise(() => setImmediate(() => peer.close())),
    })));
    const peer = await connectLink(path, 'secret', { role: 'agent' }, quiet);
    await expect(peer.call('x', 'never', [])).rejects.toMatchObject({ code: 'service.absent' });
    await expect(peer.call('x', 'again', [])).rejects.toMatchObject({ code: 'service.absent' });
  });

  it('finds a short path below a long folder', () => {
    const deep = join(folder, 'x'.repeat(120));
    expect(Buffer.byteLength(linkSocketPath(deep))).toBeLessThan(107);
    expect(linkSocketPath(deep)).toBe(linkSocketPath(deep));
  });
});
