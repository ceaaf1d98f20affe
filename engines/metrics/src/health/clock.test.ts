import { describe, expect, it } from 'vitest';
import { ClockWatch } from './clock.ts';

const asset = () => 'asset-1';

describe('the clock of a host', () => {
  it('is a problem for a while after it was set back', () => {
    const clocks = new ClockWatch();
    for (let i = 0; i < 5; i++) clocks.see('web-03', 1000 + i, 1000 + i, 50 + i);
    expect(clocks.reports(1004, asset)).toEqual([]);
    clocks.see('web-03', 405, 405, 55);
    const [report] = clocks.reports(405, asset);
    expect(report).toMatchObject({ state: 'warning', title: 'The clock of web-03 was set back by 600 s' });
    clocks.see('web-03', 1100, 1100, 750);
    expect(clocks.reports(1100, asset)[0]).toMatchObject({ state: 'ok' });
    expect(clocks.reports(1101, asset)).toEqual([]);
  });

  it('is a problem while it is ahead of ours', () => {
    const clocks = new ClockWatch();
    clocks.see('web-03', 1090, 1000, 50);
    expect(clocks.reports(1000, asset)[0]?.title).toBe("The clock of web-03 is 90 s ahead of the server's");
  });

  it('is none when kept batches come late and fast', () => {
    const clocks = new ClockWatch();
    clocks.see('web-03', 1000, 1000, 50);
    for (let i = 1; i <= 100; i++) clocks.see('web-03', 1000 + i, 1100, 150 + i / 1000);
    clocks.see('web-03', 1101, 1101, 151);
    expect(clocks.reports(1101, asset)).toEqual([]);
  });
});
