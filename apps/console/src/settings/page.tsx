/** Settings: everything that can be set, where it was set, and by what right. */
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { type Act, useMay } from '../api/rights.ts';
import { PageHead } from '../ui/section.tsx';
import { SkeletonRows } from '../ui/states.tsx';
import { Tabs } from '../ui/tabs.tsx';
import styles from './settings.module.css';

const PARTS = {
  configuration: lazy(() => import('./configuration.tsx').then(({ Configuration }) => ({ default: Configuration }))),
  account: lazy(() => import('./account.tsx').then(({ Account }) => ({ default: Account }))),
  access: lazy(() => import('./access.tsx').then(({ Access }) => ({ default: Access }))),
  notifications: lazy(() => import('./notifications.tsx').then(({ Notifications }) => ({ default: Notifications }))),
  backup: lazy(() => import('./backup.tsx').then(({ Backup }) => ({ default: Backup }))),
  about: lazy(() => import('./about.tsx').then(({ About }) => ({ default: About }))),
} as const;
type Part = keyof typeof PARTS;

const TABS: readonly { readonly value: Part; readonly label: string; readonly needs?: Act }[] = [
  { value: 'configuration', label: 'Configuration', needs: 'see the configuration' },
  { value: 'account', label: 'Account' },
  { value: 'access', label: 'Access', needs: 'see users' },
  { value: 'notifications', label: 'Notifications', needs: 'see notifications' },
  { value: 'backup', label: 'Backup' },
  { value: 'about', label: 'About' },
];

export function Page() {
  const navigate = useNavigate();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const hash = useRouterState({ select: (state) => state.location.hash });
  const name = pathname.split('/')[2] ?? hash;
  const may = useMay();
  const tabs = TABS.filter(({ needs }) => needs === undefined || may(needs));
  const part: Part = name in PARTS ? (name as Part) : (tabs[0]?.value ?? 'account');
  const Content = PARTS[part];
  return (
    <>
      <PageHead
        title="Settings"
        lead="Each with its value, where it comes from, and the default. What a file sets is changed in the file."
      />
      <div className={styles['tabs']}>
        <Tabs
          label="Parts of the settings"
          value={part}
          tabs={tabs}
          onChange={(next) => void navigate({ to: `/settings/${next}` } as never)}
        >
          <div className={styles['part']}>
            <Suspense fallback={<SkeletonRows rows={8} height="two" />}>
              <Content />
            </Suspense>
          </div>
        </Tabs>
      </div>
    </>
  );
}
