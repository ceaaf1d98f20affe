import { columnValue } from '@undercroft/kernel';
import { describe, expect, it } from 'vitest';
import { noFacts } from '../application/inspect/facts.ts';
import * as word from '../record/layout.ts';
import { FlowRecord } from '../record/record.ts';
import { FlowColumns } from './columns.ts';

describe('what is known of a flow', () => {
  it('stands beside its record, and is null where nothing is known', () => {
    const record = new FlowRecord();
    const columns = new FlowColumns('here', 10);
    const facts = { ...noFacts(), application: 'tls', serverName: 'example.org', ja3: 'abc', entropyOut: 7.5 };
    for (const about of [undefined, { facts, owner: { pid: 7, name: 'curl', container: null } }]) {
      record.clear();
      record.set(word.KIND, word.KIND_FLOW);
      record.set(word.HAS, word.HAS_FLOW | word.HAS_TIME | word.HAS_METRIC);
      record.set(word.FLOW_TYPE, word.FLOW_IPV4);
      record.set(word.PROTOCOL, 6);
      columns.add(record, about);
    }
    const rows = columns.take();
    const value = (name: string, row: number) => {
      const column = rows?.columns[name];
      return column === undefined ? null : columnValue(column, row);
    };
    expect(
      ['app_name', 'tls.sni', 'tls.ja3', 'flow.entropy_out', 'process.name', 'process.pid'].map((name) =>
        value(name, 1),
      ),
    ).toEqual(['tls', 'example.org', 'abc', 7.5, 'curl', 7]);
    expect(value('app_name', 0)).toBeNull();
    expect(value('container.name', 1)).toBeNull();
  });
});
