import { expect, test } from 'vitest';
import type { ListedFile } from './file-list.ts';
import { planRetention } from './plan-retention.ts';

const DAY_US = 86_400_000_000;
const options = {
  classes: [
    { name: 'authentication', audit: true, attributes: [] },
    { name: 'scan_activity', audit: false, attributes: [] },
  ],
  retentionUs: 30 * DAY_US,
  auditUs: 365 * DAY_US,
  maxBytes: 1_000,
};

function file(path: string, className: string, receivedDay: number, bytes: number): ListedFile {
  return {
    path,
    tenant: 'default',
    class: className,
    day: '',
    rows: 1,
    bytes,
    minTime: 0n,
    maxTime: 0n,
    maxReceived: BigInt(receivedDay * DAY_US) * 1000n,
    minId: path,
    maxId: path,
    columns: '[]',
  };
}

test('the too old leave, audit after its own time', () => {
  const files = [
    file('old', 'scan_activity', 960, 1),
    file('new', 'scan_activity', 980, 1),
    file('old audit', 'authentication', 960, 1),
    file('very old audit', 'authentication', 600, 1),
    file('old and undeclared', 'gone', 960, 1),
  ];
  expect(planRetention(files, 1000 * DAY_US, options).map((one) => one.path)).toEqual(['old', 'very old audit']);
});

test('above the size the oldest leave, audit last', () => {
  const files = [
    file('audit', 'authentication', 980, 500),
    file('b', 'scan_activity', 985, 500),
    file('c', 'scan_activity', 990, 400),
  ];
  expect(planRetention(files, 1000 * DAY_US, options).map((one) => one.path)).toEqual(['b']);
  const tight = { ...options, maxBytes: 450 };
  expect(planRetention(files, 1000 * DAY_US, tight).map((one) => one.path)).toEqual(['b', 'c', 'audit']);
});
