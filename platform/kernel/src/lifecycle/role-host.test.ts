import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { Context, Module, Running } from '../module.ts';
import type { ServiceName } from '../services/index.ts';
import { silentLog } from '../testing/index.ts';
import { planRole } from './order.ts';
import { type ModuleStatus, RoleHost } from './role-host.ts';

interface Part {
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  readonly start?: (context: Context) => Promise<Running>;
}

function moduleOf(name: string, part: Part, log: string[] = []): Module {
  return {
    name,
    summary: name,
    roles: {
      server: {
        requires: (part.requires ?? []) as ServiceName[],
        provides: (part.provides ?? []) as ServiceName[],
        load: async () => ({
          async start(context: Context) {
            const running = (await part.start?.(context)) ?? {};
            for (const service of part.provides ?? []) context.provide(service as ServiceName, { from: name } as never);
            log.push(`start ${name}`);
            return {
              ...running,
              stop: async () => {
                log.push(`stop ${name}`);
                await running.stop?.();
              },
            };
          },
        }),
      },
    },
  };
}

function hostOf(modules: readonly Module[], config: Record<string, unknown> = {}) {
  const clock = new ManualClock();
  const changes: ModuleStatus[] = [];
  const host = new RoleHost({
    role: 'server',
    modules,
    config,
    log: silentLog,
    clock,
    dataDir: '/nowhere',
    version: '0',
    builtInNames: ['coverage'],
    builtIn: () => undefined,
    remote: () => ({ far: true }) as never,
    changed: (status) => changes.push(status),
  });
  return { host, clock, changes };
}

const states = (host: RoleHost): Record<string, string> =>
  Object.fromEntries(host.statuses().map((status) => [status.name, status.state]));

describe('planRole', () => {
  it('names a circle', () => {
    const modules = [
      moduleOf('a', { provides: ['store'], requires: ['http'] }),
      moduleOf('b', { provides: ['http'], requires: ['store'] }),
    ];
    expect(() => planRole('server', modules, [])).toThrow('a -> b -> a');
  });

  it('names what nobody provides, and what two provide', () => {
    expect(() => planRole('server', [moduleOf('a', { requires: ['http'] })], [])).toThrow(
      'a requires http, which no module provides',
    );
    expect(() =>
      planRole('server', [moduleOf('a', { provides: ['http'] }), moduleOf('b', { provides: ['http'] })], []),
    ).toThrow('both a and b');
  });

  it('finds a service in another role', () => {
    const agent: Module = {
      name: 'm',
      summary: '',
      roles: { agent: { provides: ['host.inspect'], load: async () => ({ start: async () => ({}) }) } },
    };
    expect([...planRole('server', [moduleOf('a', { requires: ['host.inspect'] }), agent], []).remote]).toEqual([
      ['host.inspect', 'agent'],
    ]);
  });
});

describe('RoleHost', () => {
  it('starts providers before users and stops in reverse', async () => {
    const log: string[] = [];
    const { host } = hostOf([
      moduleOf('user', { requires: ['store'] }, log),
      moduleOf('store', { provides: ['store'] }, log),
    ]);
    await host.start();
    expect(states(host)).toEqual({ store: 'running', user: 'running' });
    await host.stop();
    expect(log).toEqual(['start store', 'start user', 'stop user', 'stop store']);
  });

  it('restarts what fails together with its users, and leaves the rest alone', async () => {
    const log: string[] = [];
    let context: Context | undefined;
    const start = async (given: Context): Promise<Running> => {
      context = given;
      return {};
    };
    const store = moduleOf('store', { provides: ['store'], start }, log);
    const { host, clock, changes } = hostOf([
      store,
      moduleOf('user', { requires: ['store'] }, log),
      moduleOf('other', {}, log),
    ]);
    await host.start();
    log.length = 0;
    context?.fail(new Error('the disk went away'));
    await clock.advance(0);
    expect(states(host)).toEqual({ store: 'failed', user: 'waiting', other: 'running' });
    expect(changes.find((change) => change.state === 'failed')).toMatchObject({
      name: 'store',
      error: 'the disk went away',
    });
    await clock.advance(1000);
    expect(states(host)).toEqual({ store: 'running', user: 'running', other: 'running' });
    expect(log).toEqual(['stop user', 'stop store', 'start store', 'start user']);
  });

  it('tries a module that does not start again, later and later', async () => {
    let tries = 0;
    const flaky = moduleOf('flaky', { start: async () => Promise.reject(new Error(`try ${++tries}`)) });
    const { host, clock } = hostOf([flaky, moduleOf('other', {})]);
    await host.start();
    expect(states(host)).toEqual({ flaky: 'failed', other: 'running' });
    await clock.advance(60_000);
    // After 0.5, 1, 2, 4, 8, 16 and 32 s: the seventh wait is not over yet.
    expect(tries).toBe(7);
    await host.stop();
  });

  it('finds the module an uncaught error comes from', async () => {
    let thrown: (() => void) | undefined;
    const timer = moduleOf('timer', {
      start: async () => {
        setTimeout(() => thrown?.(), 1);
        return {};
      },
    });
    const { host } = hostOf([timer, moduleOf('other', {})]);
    await host.start();
    const found = await new Promise<boolean>((resolve) => {
      thrown = () => resolve(host.uncaught(new Error('late')));
    });
    expect(found).toBe(true);
    await host.start();
    expect(states(host)).toEqual({ timer: 'failed', other: 'running' });
    expect(host.uncaught(new Error('nobody'))).toBe(false);
  });

  it('refuses a service that was not declared', async () => {
    const { host } = hostOf([
      moduleOf('store', { provides: ['store'] }),
      moduleOf('sly', {
        start: async (context) => {
          context.service('store');
          return {};
        },
      }),
    ]);
    await host.start();
    expect(host.statuses().find((status) => status.name === 'sly')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('does not say so in its requires'),
    });
    await host.stop();
  });

  it('hands a changed configuration to those it concerns, live where they can', async () => {
    const log: string[] = [];
    const live = moduleOf(
      'live',
      {
        start: async () => ({
          reconfigure: async (config: never) => void log.push(`live takes ${JSON.stringify(config)}`),
        }),
      },
      log,
    );
    const { host } = hostOf([live, moduleOf('restarting', {}, log), moduleOf('same', {}, log)], {
      live: { a: 1 },
      restarting: { b: 1 },
      same: { c: 1 },
    });
    await host.start();
    log.length = 0;
    expect(await host.reconfigure({ live: { a: 2 }, restarting: { b: 2 }, same: { c: 1 } })).toEqual([
      'live',
      'restarting',
    ]);
    expect(log).toEqual(['live takes {"a":2}', 'stop restarting', 'start restarting']);
  });
});
