/** The frame around every page: rail, top bar, one sheet, phone tabs, the palette and the keyboard map. */
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Ellipsis, PanelLeft, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useMay } from '../api/rights.ts';
import { type SessionPrincipal, useSession } from '../api/session.ts';
import { TimeControl } from '../time/control.tsx';
import { SectionBoundary } from '../ui/boundary.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Announcer } from './announcer.tsx';
import { Brand } from './brand.tsx';
import { holdKeys, useKeys } from './keys.ts';
import { Link } from './link.tsx';
import { type NavCount, useNavCounts } from './nav-counts.ts';
import { ALL_PAGES, type ConsolePage, FOOT_PAGES, PAGE_GROUPS, pageOf } from './pages.ts';
import { preferences, usePreferences } from './preferences.ts';
import { keepTime, type SearchParams } from './search.ts';
import styles from './shell.module.css';

const loadPalette = () => import('./palette.tsx').then(({ Palette: component }) => ({ default: component }));
const Palette = lazy(loadPalette);
const KeyMap = lazy(() => import('./key-map.tsx').then(({ KeyMap: component }) => ({ default: component })));
const PRELOAD_AFTER_MS = 2_000;
const ACCOUNT_PATH = '/settings/account';
const PHONE_TABS: readonly string[] = ['/', '/problems', '/assets', '/metrics'];

export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys' | 'more' | undefined>();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const page = pageOf(pathname);
  const { rail } = usePreferences();
  const navigate = useNavigate();
  const counts = useNavCounts();
  const seen = useSeen();
  const close = () => setOpen(undefined);
  const openPalette = () => {
    holdKeys();
    setOpen('palette');
  };

  useEffect(() => {
    document.title = page === undefined ? 'Undercroft' : `${page.label} · Undercroft`;
  }, [page]);
  useEffect(() => whenIdle(loadPalette), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes what floats
  useEffect(close, [pathname]);

  useKeys([
    { keys: 'Ctrl+k', label: 'Search or jump to', group: 'Everywhere', inFields: true, run: openPalette },
    { keys: '?', label: 'This map', group: 'Everywhere', run: () => setOpen('keys') },
    { keys: '/', label: 'Filter', group: 'Everywhere', run: focusFilter },
    ...ALL_PAGES.filter((one) => one.key !== undefined && seen(one)).map(({ key, label, path }) => ({
      keys: `g ${key}`,
      label,
      group: 'Go to',
      run: () => void navigate({ to: path, search: (before: SearchParams) => keepTime(before) } as never),
    })),
  ]);

  return (
    <div className={styles['app']} data-rail={rail}>
      <a href="#content" className={styles['skip']}>
        Skip to the content
      </a>
      <Rail counts={counts} current={page} />
      <header className={styles['top']}>
        <span className={styles['phoneTitle']}>
          <Brand />
          {page?.label ?? 'Undercroft'}
        </span>
        <button type="button" className={styles['find']} onClick={openPalette} aria-haspopup="dialog">
          <Icon of={Search} />
          <span>Search or jump to</span>
          <Kbd keys="Ctrl+K" />
        </button>
        <TimeControl />
      </header>
      <main id="content" className={styles['sheet']} tabIndex={-1}>
        <SectionBoundary key={pathname} what={page?.label ?? 'This page'}>
          <Outlet />
        </SectionBoundary>
      </main>
      <PhoneTabs
        counts={counts}
        current={page}
        more={() => setOpen(open === 'more' ? undefined : 'more')}
        open={open === 'more'}
      />
      {open === 'more' && <MorePages counts={counts} current={page} />}
      <Suspense>
        {open === 'palette' && <Palette onClose={close} />}
        {open === 'keys' && <KeyMap onClose={close} />}
      </Suspense>
      <Announcer />
    </div>
  );
}

/** Whether a page is there for the one who is signed in. */
function useSeen(): (page: ConsolePage) => boolean {
  const may = useMay();
  return ({ needs }) => needs === undefined || may(needs);
}

interface NavProps {
  readonly counts: ReadonlyMap<string, NavCount>;
  readonly current: ConsolePage | undefined;
}

function Rail({ counts, current }: NavProps) {
  const { rail } = usePreferences();
  const session = useSession();
  const seen = useSeen();
  const narrow = rail === 'narrow';
  const isAccount = useRouterState({ select: (state) => state.location.pathname === ACCOUNT_PATH });
  return (
    <nav className={styles['rail']} aria-label="Main">
      <div className={styles['brand']}>
        <Brand />
        <span className={styles['word']}>Undercroft</span>
        <span className={styles['fold']}>
          <IconButton
            icon={PanelLeft}
            small
            label={narrow ? 'Widen the rail' : 'Narrow the rail'}
            onClick={() => preferences.set({ rail: narrow ? 'wide' : 'narrow' })}
          />
        </span>
      </div>
      {PAGE_GROUPS.map((group) => (
        <div key={group.label ?? ''} className={styles['group']}>
          {group.label !== undefined && <span className={styles['groupLabel']}>{group.label}</span>}
          {group.pages.filter(seen).map((page) => (
            <RailLink
              key={page.path}
              page={page}
              count={counts.get(page.path)}
              current={page === current}
              narrow={narrow}
            />
          ))}
        </div>
      ))}
      <div className={styles['foot']}>
        {FOOT_PAGES.map((page) => (
          <RailLink
            key={page.path}
            page={page}
            count={undefined}
            current={page === current && !isAccount}
            narrow={narrow}
          />
        ))}
        {session !== undefined && (
          <Link to={ACCOUNT_PATH} className={styles['link']} title={narrow ? session.principal.name : undefined}>
            <span className={styles['avatar']} aria-hidden>
              {session.principal.name.slice(0, 1).toUpperCase()}
            </span>
            <span className={styles['word']}>{session.principal.name}</span>
            <span className={styles['count']}>{roleOf(session.principal)}</span>
          </Link>
        )}
      </div>
    </nav>
  );
}

/** Why some pages and buttons are not there: "owner", "viewer". */
function roleOf({ owner, policies }: SessionPrincipal): string {
  return owner ? 'owner' : policies.filter((name) => name !== 'default').join(', ');
}

interface RailLinkProps {
  readonly page: ConsolePage;
  readonly count: NavCount | undefined;
  readonly current: boolean;
  readonly narrow: boolean;
}

function RailLink({ page, count, current, narrow }: RailLinkProps) {
  return (
    <Link
      to={page.path}
      className={styles['link']}
      data-off={page.off || undefined}
      aria-current={current ? 'page' : undefined}
      title={narrow ? page.label : undefined}
    >
      <Icon of={page.icon} />
      <span className={styles['word']}>{page.label}</span>
      {count !== undefined && (
        <span className={styles['count']} data-hot={count.hot || undefined}>
          {count.value}
          <span className="visually-hidden"> {count.meaning}</span>
        </span>
      )}
    </Link>
  );
}

function PhoneTabs({ counts, current, more, open }: NavProps & { readonly more: () => void; readonly open: boolean }) {
  const seen = useSeen();
  const tabs = ALL_PAGES.filter((page) => PHONE_TABS.includes(page.path) && seen(page));
  return (
    <nav className={styles['tabs']} aria-label="Main">
      {tabs.map((page) => {
        const count = counts.get(page.path);
        return (
          <Link key={page.path} to={page.path} aria-current={page === current ? 'page' : undefined}>
            <Icon of={page.icon} size={19} />
            {page.label}
            {count?.hot === true && <span className={styles['badge']}>{count.value}</span>}
          </Link>
        );
      })}
      <button type="button" onClick={more} aria-expanded={open}>
        <Icon of={Ellipsis} size={19} />
        More
      </button>
    </nav>
  );
}

function MorePages({ counts, current }: NavProps) {
  const seen = useSeen();
  return (
    <nav className={styles['more']} aria-label="More pages">
      {ALL_PAGES.filter((page) => !PHONE_TABS.includes(page.path) && seen(page)).map((page) => (
        <RailLink key={page.path} page={page} count={counts.get(page.path)} current={page === current} narrow={false} />
      ))}
    </nav>
  );
}

/** The page's filter line, if it has one. */
function focusFilter(): void {
  document.querySelector<HTMLInputElement>('[data-filter-line], main input[type="search"]')?.focus();
}

/** Fetches code that is likely wanted next once the page has nothing else to do. */
function whenIdle(job: () => unknown): () => void {
  const timer = setTimeout(job, PRELOAD_AFTER_MS);
  return () => clearTimeout(timer);
}
