import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encoded, flow, greeting } from '../../argus/testing/stream.ts';
import { END_S, SOURCE_PACKETS, START_S } from '../../record/layout.ts';
import { sortKeys } from '../aggregate/sort.ts';
import { run } from '../ratop.ts';
import { runProgram } from '../testing/program.ts';
import { TopFlows } from './flows.ts';
import { keysOf, Prompt } from './keys.ts';

const stream = (...sequences: number[]): Buffer => Buffer.concat([greeting(), encoded(...sequences)]);

describe('keys', () => {
  it('are told apart by their bytes', () => {
    const names = keysOf('\x1b[A\x1b[6~\x1bOHq \r\x03\x1b').map((key) => (key.name === 'text' ? key.text : key.name));
    expect(names).toEqual(['up', 'pagedown', 'home', 'q ', 'enter', 'interrupt', 'escape']);
  });

  it('edit a line', () => {
    const prompt = new Prompt('sort by: ', 'pkts');
    for (const key of keysOf('\x15bytex\x7f')) expect(prompt.press(key)).toBe('open');
    expect(prompt.press({ name: 'enter' })).toBe('done');
    expect(prompt.text).toBe('byte');
    expect(prompt.press({ name: 'escape' })).toBe('cancelled');
  });
});

describe('flows', () => {
  it('are merged by key, in order, and only so many', () => {
    const flows = new TopFlows({ masks: [], modes: [] }, 100);
    for (let sequence = 1; sequence <= 150; sequence += 1) {
      const record = flow(sequence);
      record.setWide(SOURCE_PACKETS, sequence);
      flows.add(record);
    }
    flows.add(flow(150));
    const order = flows.order({ keys: sortKeys(['pkts']), isReversed: false, filter: null });
    expect(flows.records).toBe(151);
    expect(flows.dropped).toBeGreaterThan(0);
    expect(flows.size + flows.dropped).toBe(150);
    expect(order.slice(0, 3).map((number) => flows.at(number).getWide(SOURCE_PACKETS))).toEqual([151, 149, 148]);
  });

  it('go when they were idle', () => {
    const flows = new TopFlows({ masks: [], modes: [] });
    const old = flow(1);
    flows.add(old);
    const young = flow(2);
    for (const word of [START_S, END_S]) young.set(word, 1_700_000_100);
    flows.add(young);
    flows.expire(flows.latestS - 60);
    expect([flows.size, flows.expired]).toEqual([1, 1]);
  });
});

describe('ratop', () => {
  it('prints one sorted table where there is no terminal', async () => {
    const { stdout, code } = await runProgram(
      run,
      ['-X', '-nn', '-s', 'rank', 'sport', 'pkts', '-c', ',', '-P', 'sport'],
      stream(3, 1, 2, 1),
    );
    expect(code).toBe(0);
    expect(stdout.toString()).toBe('Rank,Sport,TotPkts\n1,1,2\n2,2,1\n3,3,1\n');
  });

  it('takes a terminal, answers keys and gives it back', async () => {
    let drawn = '';
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        drawn += chunk.toString();
        done();
      },
    });
    Object.assign(output, { isTTY: true, columns: 90, rows: 8 });
    const modes: boolean[] = [];
    const keys = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => modes.push(isRaw) });
    const folder = await mkdtemp(join(tmpdir(), 'ratop-'));
    const path = join(folder, 'flows.arg');
    await writeFile(path, stream(1, 2, 3, 4, 5, 6));
    const ended = run(['-X', '-nn', '-s', 'sport', 'dport', 'pkts', '-r', path], {
      stdin: keys,
      stdout: output,
      stderr: new PassThrough(),
      env: { TZ: 'UTC' },
      signal: new AbortController().signal,
    });
    const until = async (text: string | RegExp): Promise<void> => {
      for (let i = 0; i < 200 && drawn.search(text) < 0; i += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(drawn).toMatch(text);
    };
    await until(/Idle {2}flows 6 {2}shown 6/);
    keys.write('f');
    keys.write('src port 2\r');
    await until(/shown 1/);
    keys.write('f\x15udp and (\r');
    await until(/syntax error/);
    keys.write('s\x15nothing\r');
    await until(/'nothing' not supported/);
    keys.write('r ');
    await until(/Paused.*reversed/);
    keys.write('q');
    expect(await ended).toBe(0);
    expect(modes).toEqual([true, false]);
    expect(drawn.startsWith('\x1b[?1049h')).toBe(true);
    expect(drawn.endsWith('\x1b[?1049l')).toBe(true);
    await rm(folder, { recursive: true });
  });
});
