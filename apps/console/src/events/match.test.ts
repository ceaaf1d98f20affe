import { describe, expect, it } from 'vitest';
import type { PlatformEvent } from '../api/types.ts';
import { eventMatcher } from './match.ts';

const event = {
  id: '01A',
  class: 'authentication',
  activity: 'logon',
  severity: 'high',
  source: 'identity',
  tenant: 'default',
  assets: ['h1', 'h2'],
  message: 'Password refused for root',
  timeAt: '2026-11-24T10:00:00Z',
  receivedAt: '2026-11-24T10:00:00Z',
  attributes: { 'user.name': 'root', 'src_endpoint.port': 22, tags: ['a', 'b'] },
} as unknown as PlatformEvent;

describe('a line fits an event', () => {
  it.each([
    ['', true],
    ['password ROOT', true],
    ['password absent', false],
    ['-cron', true],
    ['-password', false],
    ['class:authentication', true],
    ['class:a', false],
    ['class:auth*', true],
    ['class:"auth*"', false],
    ['class:scan class:authentication', true],
    ['severity>=medium', true],
    ['severity<high', false],
    ['asset:h2', true],
    ['asset:h3', false],
    ['-asset:h3', true],
    ['user.name:root', true],
    ['user.name:*', true],
    ['absent.field:*', false],
    ['src_endpoint.port<1024', true],
    ['src_endpoint.port>1024', false],
    ['tags:b', true],
  ])('%s: %s', (line, fits) => expect(eventMatcher(line)(event)).toBe(fits));
});
