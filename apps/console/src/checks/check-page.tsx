/** One check on a page of its own. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams as useRouteParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem, api } from '../api/client.ts';
import { useMay } from '../api/rights.ts';
import { useKeys } from '../app/keys.ts';
import { Link } from '../app/link.tsx';
import { useAssetNames, useHosts } from '../metrics/asset-names.ts';
import { ActFailure } from '../problems/act-failure.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { PageHead } from '../ui/section.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/states.tsx';
import { StatusIcon } from '../ui/status.tsx';
import { useCheckActions } from './actions.ts';
import { CheckDetail } from './check-detail.tsx';
import { CheckForm } from './check-form.tsx';
import styles from './checks.module.css';
import { type Check, checkState, checkStatus, useChecks, useLiveChecks } from './data.ts';

export function Page() {
  const { id = '' } = useRouteParams({ strict: false }) as { readonly id?: string };
  const navigate = useNavigate();
  const list = useChecks();
  useLiveChecks();
  const listed = list.data?.find((one) => one.id === id);
  const query = useQuery({
    queryKey: ['checks', 'one', id],
    queryFn: ({ signal }) => api.get<Check>(`/checks/${encodeURIComponent(id)}`, undefined, { signal }),
    enabled: listed === undefined,
  });
  const check = listed ?? (query.data?.id === id ? query.data : undefined);
  const names = useAssetNames();
  const hosts = useHosts();
  const actions = useCheckActions();
  const may = useMay();
  const [dialog, setDialog] = useState<'edit' | 'remove' | undefined>();
  const [failure, setFailure] = useState<string | undefined>();
  useKeys([
    {
      keys: 'r',
      label: 'Run now',
      group: 'Checks',
      run: () => check && actions.run(check),
      when: () => check !== undefined && may('run checks'),
    },
    {
      keys: 'e',
      label: 'Change the check',
      group: 'Checks',
      run: () => setDialog('edit'),
      when: () => check?.origin === 'own' && may('change checks'),
    },
  ]);
  if (check === undefined) {
    return (
      <>
        <PageHead title="Check" crumbs={<Link to="/checks">Checks</Link>} />
        {query.error instanceof ApiProblem && query.error.status === 404 ? (
          <EmptyState
            title="There is no such check"
            text={query.error.message}
            action={<ButtonLink to="/checks">All checks</ButtonLink>}
          />
        ) : query.error !== null ? (
          <ErrorState what="This check" error={query.error} retry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={8} />
        )}
      </>
    );
  }
  return (
    <>
      <PageHead
        crumbs={<Link to="/checks">Checks</Link>}
        title={
          <>
            <StatusIcon state={checkStatus(checkState(check))} />
            {check.name}
          </>
        }
        lead={check.origin === 'built-in' ? 'Comes with Undercroft; checks.self: false switches it off.' : undefined}
        actions={
          <>
            {check.origin === 'own' && (
              <>
                {may('delete checks') && (
                  <Button tone="ghost" onClick={() => setDialog('remove')}>
                    Delete
                  </Button>
                )}
                {may('change checks') && (
                  <Button keys="e" onClick={() => setDialog('edit')}>
                    Change
                  </Button>
                )}
              </>
            )}
            {may('run checks') && (
              <Button tone="primary" keys="r" busy={actions.running.has(check.id)} onClick={() => actions.run(check)}>
                Run now
              </Button>
            )}
          </>
        }
      />
      {actions.failure !== undefined && <ActFailure {...actions.failure} onDismiss={actions.dismiss} />}
      <div className={styles['page']}>
        <CheckDetail check={check} assetName={names.get(check.asset ?? '')} />
      </div>
      <CheckForm open={dialog === 'edit'} onClose={() => setDialog(undefined)} check={check} hosts={hosts} />
      <ConfirmDialog
        open={dialog === 'remove'}
        onClose={() => setDialog(undefined)}
        title={`Delete ${check.name}?`}
        description="Its history goes with it. An open problem of it closes."
        verb="Delete check"
        {...(failure === undefined ? {} : { error: failure })}
        onConfirm={async () => {
          try {
            await actions.remove(check);
            void navigate({ to: '/checks' } as never);
          } catch (error) {
            setFailure(error instanceof Error ? error.message : String(error));
          }
        }}
      />
    </>
  );
}
