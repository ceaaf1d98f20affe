/** The pages of the console as the rail, the palette, the phone tabs and `g` sequences show them. */
import {
  ArrowLeftRight,
  BookOpen,
  ChartLine,
  Check,
  Cloud,
  FileText,
  House,
  Lock,
  type LucideIcon,
  Radar,
  Server,
  Shield,
  SlidersHorizontal,
  TextAlignStart,
  TriangleAlert,
} from 'lucide-react';
import type { Act } from '../api/rights.ts';

export interface ConsolePage {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** After `g`. */
  readonly key?: string;
  /** What it answers, for the palette. */
  readonly answers: string;
  /** Without the right to it the page is absent. */
  readonly needs?: Act;
  /** An engine that this version does not have. */
  readonly off?: boolean;
}

export interface PageGroup {
  readonly label?: string;
  readonly pages: readonly ConsolePage[];
}

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    pages: [
      { path: '/', label: 'Overview', icon: House, key: 'o', answers: 'What is wrong, what changed, what to do first' },
      {
        path: '/problems',
        label: 'Problems',
        icon: TriangleAlert,
        key: 'p',
        answers: 'Who must act',
        needs: 'see problems',
      },
      { path: '/assets', label: 'Assets', icon: Server, key: 'a', answers: 'What there is', needs: 'see assets' },
    ],
  },
  {
    label: 'Observe',
    pages: [
      {
        path: '/metrics',
        label: 'Metrics',
        icon: ChartLine,
        key: 'm',
        answers: 'Which signal moved',
        needs: 'see metrics',
      },
      {
        path: '/events',
        label: 'Events',
        icon: TextAlignStart,
        key: 'e',
        answers: 'What happened exactly',
        needs: 'see events',
      },
      {
        path: '/flows',
        label: 'Flows',
        icon: ArrowLeftRight,
        key: 'f',
        answers: 'Who talks to whom, how much',
        needs: 'see flows',
      },
      {
        path: '/checks',
        label: 'Checks',
        icon: Check,
        key: 'c',
        answers: 'Does it work, and is it on time',
        needs: 'see checks',
      },
    ],
  },
  {
    label: 'Protect',
    pages: [
      { path: '/detections', label: 'Detections', icon: Shield, key: 'd', answers: 'Is it an attack', off: true },
      {
        path: '/scans',
        label: 'Scans',
        icon: Radar,
        key: 's',
        answers: 'What is exposed, what is new',
        needs: 'see scans',
      },
      { path: '/secrets', label: 'Secrets', icon: Lock, key: 'v', answers: 'Where it is, who can read it', off: true },
    ],
  },
  {
    label: 'Govern',
    pages: [
      { path: '/policies', label: 'Policies', icon: FileText, key: 'y', answers: 'What breaks the rules', off: true },
      { path: '/clouds', label: 'Clouds', icon: Cloud, answers: 'What runs where, who owns it', off: true },
    ],
  },
];

export const FOOT_PAGES: readonly ConsolePage[] = [
  { path: '/help', label: 'Help', icon: BookOpen, answers: 'How it works, the keys' },
  { path: '/settings', label: 'Settings', icon: SlidersHorizontal, answers: 'How it is set, by whom' },
];

export const ALL_PAGES: readonly ConsolePage[] = [...PAGE_GROUPS.flatMap((group) => group.pages), ...FOOT_PAGES];

/** The page an address belongs to: `/assets/01J…` belongs to Assets. */
export function pageOf(pathname: string): ConsolePage | undefined {
  if (pathname === '/') return ALL_PAGES[0];
  return ALL_PAGES.find(({ path }) => path !== '/' && (pathname === path || pathname.startsWith(`${path}/`)));
}
