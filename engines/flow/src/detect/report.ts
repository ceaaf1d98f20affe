/** Findings as problems of the one pipeline, and as an event when they are new. */
import type { Alerts, EventInput, Events, Problem, ProblemReport } from '@undercroft/kernel';
import type { Finding } from './detector.ts';
import type { Change } from './detectors.ts';

/** @param assetOf the asset that an address is, if any */
export async function reportChanges(
  changes: readonly Change[],
  timeUs: number,
  assetOf: (address: string) => string | null,
  services: { readonly alerts: Alerts; readonly events: Events },
): Promise<void> {
  if (changes.length === 0) return;
  for (const { finding, fresh } of changes)
    if (fresh) services.events.publish(findingEvent(finding, timeUs, assetOf(finding.address)));
  await services.alerts.report(changes.map((change) => problem(change, timeUs, assetOf(change.finding.address))));
}

/** The finding behind a problem that an earlier run of this program has raised. */
export function findingOf({ rule, subject, state, title, detail, next, attributes }: Problem): Finding {
  const [address = '', ...part] = subject.split(' ');
  return {
    rule,
    address,
    part: part.join(' '),
    state: state === 'critical' || state === 'notice' ? state : 'warning',
    title,
    detail,
    next,
    evidence: [],
    technique: String(attributes['technique'] ?? ''),
  };
}

function problem({ finding, holds }: Change, timeUs: number, asset: string | null): ProblemReport {
  const { rule, address, part, state, title, detail, next, evidence, technique } = finding;
  return {
    source: 'flow',
    rule,
    subject: part === '' ? address : `${address} ${part}`,
    ...(asset === null ? {} : { assets: [asset] }),
    state: holds ? state : 'ok',
    title,
    detail,
    next,
    evidence: evidence.map((text) => ({ timeUs, source: 'flow', text })),
    attributes: { address, technique },
    timeUs,
  };
}

function findingEvent(finding: Finding, timeUs: number, asset: string | null): EventInput {
  const { rule, title, state, evidence } = finding;
  return {
    class: 'detection_finding',
    activity: 'create',
    timeUs,
    severity: state === 'critical' ? 'high' : state === 'warning' ? 'medium' : 'low',
    ...(asset === null ? {} : { assets: [asset] }),
    message: title,
    attributes: { 'finding_info.uid': rule, 'finding_info.title': title, evidences: [...evidence] },
  };
}
