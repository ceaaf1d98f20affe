import { SystemClock } from '@undercroft/kernel/testing';
import { expect, it } from 'vitest';
import { attempt } from './attempt.ts';

const run = (work: Parameters<typeof attempt>[0]) => attempt(work, 50, new SystemClock(), new AbortController().signal);

it('bytes that cannot be kept do not lose the result', async () => {
  const said = { state: 'critical', output: 'down\0now', longOutput: '\0', perfdata: [] } as const;
  expect(await run(async () => said)).toMatchObject({
    state: 'critical',
    output: 'down\ufffdnow',
    longOutput: '\ufffd',
  });
});

it('what fails is unknown, what is late critical', async () => {
  const failing = async () => Promise.reject(new Error('no \0 route'));
  expect(await run(failing)).toMatchObject({ state: 'unknown', output: '(Check failed: no \ufffd route)' });
  expect(await run(() => new Promise(() => {}))).toMatchObject({ state: 'critical' });
});
