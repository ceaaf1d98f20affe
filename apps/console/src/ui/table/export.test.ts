import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TableColumn } from './columns.ts';
import { toCsv, toJson } from './export.ts';

interface Row {
  readonly name: string;
  readonly size: number | null;
}

const columns: readonly TableColumn<Row>[] = [
  { id: 'name', header: 'Name', value: (row) => row.name },
  { id: 'size', header: 'Size', unit: 'MiB', value: (row) => row.size },
];

it('writes CSV with units in the header and quotes where they are needed', () => {
  const rows = [
    { name: 'a "b", c', size: 1.5 },
    { name: '=HYPERLINK("x")', size: null },
  ];
  expect(toCsv(columns, rows)).toBe('Name,Size (MiB)\r\n"a ""b"", c",1.5\r\n"\'=HYPERLINK(""x"")",\r\n');
});

it('writes JSON by column id', () => {
  expect(JSON.parse(toJson(columns, [{ name: 'a', size: null }]))).toEqual([{ name: 'a', size: null }]);
});

it('keeps one line a row whatever the values hold, once quotes are read', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (names) => {
      const text = toCsv(
        columns,
        names.map((name) => ({ name, size: 1 })),
      );
      const outside = text.replaceAll(/"(?:[^"]|"")*"/g, '');
      expect(outside.split('\r\n').length).toBe(names.length + 2);
    }),
  );
});
