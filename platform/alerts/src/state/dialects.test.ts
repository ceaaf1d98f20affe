/** The pipeline over PostgreSQL: the same statements must do the same there. */
import { ManualClock } from '@undercroft/kernel/testing';
import { findPostgres, openTestStore, startPostgres, type TestStore } from '@undercroft/store/testing';
import { expect, test } from 'vitest';
import { alertsModule } from '../module.ts';
import { startAlerts } from '../testing/index.ts';

const postgres = await findPostgres();

/** A problem's life, told by everything that can be listed; ids replaced by their order. */
async function story(store: TestStore, clock: ManualClock): Promise<unknown> {
  let t = await startAlerts({ clock, store });
  await t.route('all', [await t.contact('ana')], { repeatS: 60 });
  const report = async (state: 'ok' | 'critical', subject = 'x'): Promise<void> => {
    await t.alerts.report([
      { source: 'm', rule: 'disk.full', subject, state, title: `Disk ${subject}`, assets: ['a', 'b'] },
    ]);
    await t.pass(0);
  };
  await report('critical');
  await report('critical', 'y');
  await t.pass(70_000);
  const [first] = (await t.alerts.list({ sort: 'title' })).items;
  await t.alerts.acknowledge(first!.id, 'ana', { comment: 'on it' });
  await t.alerts.comment(first!.id, 'ben', 'a comment');
  const untilUs = (clock.nowMs() + 60_000) * 1000;
  await t.alerts.addDowntime('default', 'ana', {
    kind: 'fixed',
    scope: { kind: 'asset', asset: 'a' },
    untilUs,
    comment: '',
  });
  t.kill();
  t = await startAlerts({ clock, store });
  await t.pass(90_000);
  await report('ok');
  await t.pass(5_000);
  const told = {
    problems: (await t.alerts.list({ sort: '-state', limit: 1 })).items,
    closed: await t.alerts.list({ open: false, asset: 'b', states: ['ok'] }, 'disk -y'),
    lines: await t.alerts.lines(first!.id),
    downtimes: await t.alerts.downtimes('default'),
    sent: await t.call('GET', '/notifications/sent'),
  };
  await t.stop();
  const text = JSON.stringify(told);
  const ids = [...new Set(text.match(/[0-9A-HJKMNP-TV-Z]{26}/g))];
  return JSON.parse(ids.reduce((all, id, index) => all.replaceAll(id, `id-${index}`), text));
}

test.skipIf('absent' in postgres)('PostgreSQL and SQLite tell the same story', async () => {
  const server = await startPostgres((postgres as { bin: string }).bin);
  try {
    const modules = [alertsModule];
    const clocks = [new ManualClock(), new ManualClock()] as const;
    const sqlite = await openTestStore({ modules, clock: clocks[0] });
    const control = { kind: 'postgres' as const, url: await server.emptyDatabase(), password: server.password };
    const other = await openTestStore({ modules, clock: clocks[1], control });
    expect(await story(other, clocks[1])).toEqual(await story(sqlite, clocks[0]));
    await other.stop();
    await sqlite.stop();
  } finally {
    await server.stop();
  }
});
