/** What stands in a page's place: its code loading, its code failing, no such page. */
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ButtonLink } from '../ui/button.tsx';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';

export function PagePending() {
  return <SkeletonRows rows={10} />;
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <>
      <PageHead title="This page failed" lead="The rest of the console goes on. Nothing was changed." />
      <ErrorState what="this page" error={error} retry={retry} />
    </>
  );
}

export function NotFound() {
  return (
    <>
      <PageHead title="There is no such page" />
      <EmptyState
        title="The address names nothing here"
        text="It may be from a newer version, or mistyped."
        action={<ButtonLink to="/">Go to the overview</ButtonLink>}
      />
    </>
  );
}
