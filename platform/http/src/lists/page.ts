/** Lists: every list route takes the same query and gives the same page. */
import { badRequest, type Page } from '@undercroft/kernel';
import Type, { type TObject, type TProperties, type TSchema } from 'typebox';

export const DEFAULT_PAGE_LIMIT = 100;
export const MAX_PAGE_LIMIT = 1000;
const MAX_CURSOR_LENGTH = 2048;

const PageProperties = {
  limit: Type.Integer({
    minimum: 1,
    maximum: MAX_PAGE_LIMIT,
    default: DEFAULT_PAGE_LIMIT,
    description: 'At most this many items.',
  }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_CURSOR_LENGTH,
      pattern: '^[A-Za-z0-9_-]+$',
      description: '`next` of the page before; the other parameters must stay as they were.',
    }),
  ),
  sort: Type.Optional(
    Type.String({
      pattern: '^-?[A-Za-z][A-Za-z0-9._]*$',
      maxLength: 100,
      description: 'A field of the items, `-` before it for descending.',
    }),
  ),
};

/**
 * Query schema of a list route: `limit`, `cursor`, `sort` and the route's own filters.
 *
 * @param sortable fields that {@link parseSort} will allow, where they are known: the document then names them.
 *   With none there is no `sort`
 */
export function pageQuery<E extends TProperties = Record<never, never>>(
  extra?: E,
  sortable?: readonly string[],
): TObject<typeof PageProperties & E> {
  const { sort, ...paging } = PageProperties;
  const sorting = sortable === undefined ? { sort } : sortable.length === 0 ? {} : { sort: sortOf(sortable) };
  const properties = { ...paging, ...sorting, ...extra };
  return Type.Object(properties, { additionalProperties: false }) as unknown as TObject<typeof PageProperties & E>;
}

function sortOf(fields: readonly string[]) {
  return Type.Optional(
    Type.Enum([...fields, ...fields.map((field) => `-${field}`)], { description: '`-` before it: descending.' }),
  );
}

/** Answer schema of a list route. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last.' })),
    total: Type.Optional(Type.Integer({ minimum: 0, description: 'How many match in all, where that is known.' })),
  });
}

/** Cuts `limit + 1` fetched rows into a page; the extra row says that there is a next one. */
export function toPage<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string, total?: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    ...(rows.length > limit && last !== undefined ? { next: cursorOf(last) } : {}),
    ...(total === undefined ? {} : { total }),
  };
}

export interface Sort<F extends string = string> {
  readonly field: F;
  readonly descending: boolean;
}

/**
 * Reads `sort=-field`.
 *
 * @param allowed fields one may sort by; the first is listed first in the error
 * @param fallback used when nothing is asked for, written the same way: `-lastSeenAt`
 * @throws UndercroftError `http.sort` (400)
 */
export function parseSort<F extends string>(
  sort: string | undefined,
  allowed: readonly F[],
  fallback: F | `-${F}`,
): Sort<F> {
  const text = sort ?? fallback;
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  const field = allowed.find((candidate) => candidate === name);
  if (field === undefined) {
    throw badRequest(
      'http.sort',
      `This list cannot be sorted by ${JSON.stringify(name)}.`,
      `Use one of: ${allowed.join(', ')}.`,
    );
  }
  return { field, descending };
}
