/** Pages of engines that this version does not have: what they will answer, and what answers part of it today. */
import { useRouterState } from '@tanstack/react-router';
import { pageOf } from '../app/pages.ts';
import { ButtonLink } from '../ui/button.tsx';
import { PageHead } from '../ui/section.tsx';
import { EmptyState } from '../ui/states.tsx';

interface Off {
  readonly lead: string;
  readonly today: string;
  readonly to: string;
  readonly label: string;
}

const OFF: Readonly<Record<string, Off>> = {
  '/detections': {
    lead: 'Attacks recognised by Snort rules, with the payload beside the rule.',
    today: 'Until then: newly opened ports are reported with the process that opened them, in Events.',
    to: '/events',
    label: 'Go to Events',
  },
  '/secrets': {
    lead: 'Keys and passwords behind one policy, used with the vault command.',
    today: 'Until then: who may do what on this platform is set under Settings, Access.',
    to: '/settings/access',
    label: 'Go to Access',
  },
  '/policies': {
    lead: 'Rules over cloud accounts in Cloud Custodian’s YAML, with what a fix would save.',
    today: 'Until then: what breaks on this machine is in Problems.',
    to: '/problems',
    label: 'Go to Problems',
  },
  '/clouds': {
    lead: 'Accounts, what runs in them, who owns it.',
    today: 'Until then: every machine that runs an agent is in Assets.',
    to: '/assets',
    label: 'Go to Assets',
  },
};

export function Page() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const path = pathname === '/rules' ? '/detections' : pathname;
  const off = OFF[path];
  const label = pageOf(path)?.label ?? 'This engine';
  return (
    <>
      <PageHead title={label} lead={off?.lead} />
      <EmptyState
        title={`${label} is not in this version yet`}
        text={off?.today}
        action={off !== undefined && <ButtonLink to={off.to}>{off.label}</ButtonLink>}
      />
    </>
  );
}
