import { useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import type { Page as ListPage } from '../api/types.ts';
import { Link } from '../app/link.tsx';
import { ButtonLink } from '../ui/button.tsx';
import { PageHead } from '../ui/section.tsx';
import { EmptyState } from '../ui/states.tsx';
import type { AssetItem } from './data.ts';
import { typeName } from './words.ts';

/** There is no such asset: what has a similar name. */
export function UnknownAsset({ id }: { readonly id: string }) {
  const near = useQuery({
    queryKey: ['assets', 'near', id],
    queryFn: ({ signal }) =>
      api.get<ListPage<AssetItem>>('/assets', { q: `"${id.replaceAll('"', '')}"`, limit: 5 }, { signal }),
    retry: false,
  });
  const names = near.data?.items ?? [];
  return (
    <>
      <PageHead title="There is no such asset" crumbs={<Link to="/assets">Assets</Link>} lead={<code>{id}</code>} />
      <EmptyState
        title={names.length === 0 ? 'Nothing has a similar name' : 'Did you mean'}
        text={
          names.length === 0 ? (
            'It may have been merged into another asset, or its history is older than what is kept.'
          ) : (
            <ul>
              {names.map((asset) => (
                <li key={asset.id}>
                  <Link to={`/assets/${encodeURIComponent(asset.id)}`}>{asset.name}</Link>{' '}
                  {typeName(asset.type).toLowerCase()}
                </li>
              ))}
            </ul>
          )
        }
        action={<ButtonLink to="/assets">All assets</ButtonLink>}
      />
    </>
  );
}
