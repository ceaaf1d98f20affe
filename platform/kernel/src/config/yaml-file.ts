/** `undercroft.yaml` as a tree of plain values that know their lines. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigProblem } from './config-error.ts';

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export interface YamlFile {
  readonly value: unknown;
  /** The line of a key path (`['http', 'listen']`), of its nearest known parent otherwise. */
  lineOf(path: readonly (string | number)[]): number;
  readonly problems: readonly ConfigProblem[];
}

/** @param name as it is shown in errors */
export function parseYamlFile(name: string, text: string): YamlFile {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return broken(name, 1, `is larger than ${MAX_FILE_BYTES} bytes; split it`);
  }
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, stringKeys: true });
  } catch (error) {
    return broken(name, 1, (error as Error).message);
  }
  const problems = document.errors.map(
    (error): ConfigProblem => ({
      where: `${name}:${lines.linePos(error.pos[0]).line}`,
      mend: `not valid YAML here: ${error.message}`,
      code: 'kernel.config.yaml',
    }),
  );
  let value: unknown;
  try {
    value = problems.length > 0 ? {} : (document.toJS({ maxAliasCount: 100 }) ?? {});
  } catch (error) {
    return broken(name, 1, (error as Error).message);
  }
  const offsetLine = (node: Node | null | undefined): number | undefined => {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
  return {
    value,
    problems,
    lineOf(path) {
      let node: unknown = document.contents;
      let line = offsetLine(document.contents) ?? 1;
      for (const step of path) {
        if (isAlias(node)) node = node.resolve(document);
        if (isMap(node)) {
          const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
          if (pair === undefined) break;
          line = offsetLine(pair.key as Node) ?? line;
          node = pair.value;
        } else if (isSeq(node)) {
          node = node.items[Number(step)];
          line = offsetLine(node as Node) ?? line;
        } else break;
      }
      return line;
    },
  };
}

function broken(name: string, line: number, mend: string): YamlFile {
  return { value: {}, lineOf: () => line, problems: [{ where: `${name}:${line}`, mend, code: 'kernel.config.yaml' }] };
}
