import type { ApiClient } from '@undercroft/kernel';

export type Row = Readonly<Record<string, unknown>>;

/** Every item of a list, page after page. */
export async function allItems(client: ApiClient, path: string): Promise<Row[]> {
  const items: Row[] = [];
  let cursor: string | undefined;
  do {
    const query = `limit=1000${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const page = await client.request<{ items: Row[]; next?: string }>('GET', `${path}?${query}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
}
