import { Link as RouterLink, type LinkProps as RouterLinkProps } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode } from 'react';
import { keepTime, type SearchParams } from './search.ts';

export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  /** A path of the console without `/app`: `/assets/01J…`. Ids are escaped by the caller. */
  readonly to: string;
  /** Added to the time range, which stays. */
  readonly search?: SearchParams;
  readonly children?: ReactNode;
}

/** A link inside the console. Keeps the time range; loads the page's code when pointed at. */
export function Link({ to, search, children, ...rest }: LinkProps) {
  const props = {
    to,
    search: (before: SearchParams) => ({ ...keepTime(before), ...search }),
    preload: 'intent',
    activeOptions: { exact: true },
    ...rest,
  } as unknown as RouterLinkProps;
  return <RouterLink {...props}>{children}</RouterLink>;
}
