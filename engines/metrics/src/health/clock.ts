/** Notices that a host's clock was set, or that it differs from ours. */
import type { ProblemReport } from '@undercroft/kernel';

/** Differences up to this are the way of a batch. */
const TOLERANCE_S = 5;
/** A batch that was kept while the server was away comes late: only what is ahead is a difference of clocks. */
const MAX_LATE_S = 150;
/** How long a jump stays a problem. */
const SHOWN_S = 600;

interface Seen {
  secondS: number;
  monotonicS: number;
  jump: { readonly byS: number; readonly atS: number } | undefined;
  skewS: number;
  reported: boolean;
}

export class ClockWatch {
  readonly #hosts = new Map<string, Seen>();

  /** @param secondS the batch's own time @param nowS ours @param monotonicS of a clock that nothing sets */
  see(host: string, secondS: number, nowS: number, monotonicS: number): void {
    const seen = this.#hosts.get(host);
    const skewS = secondS > nowS + TOLERANCE_S || secondS < nowS - MAX_LATE_S ? secondS - nowS : 0;
    if (seen === undefined) {
      this.#hosts.set(host, { secondS, monotonicS, jump: undefined, skewS, reported: false });
      return;
    }
    const byS = secondS - seen.secondS - (monotonicS - seen.monotonicS);
    // A replay runs faster than time, but never by more than what was kept.
    const forward = byS > TOLERANCE_S && monotonicS - seen.monotonicS < byS;
    if (secondS < seen.secondS - TOLERANCE_S || (forward && byS > MAX_LATE_S)) {
      seen.jump = { byS: Math.round(byS), atS: nowS };
    }
    seen.secondS = secondS;
    seen.monotonicS = monotonicS;
    seen.skewS = skewS;
  }

  reports(nowS: number, assetOf: (host: string) => string | undefined): ProblemReport[] {
    const reports: ProblemReport[] = [];
    for (const [host, seen] of this.#hosts) {
      const asset = assetOf(host);
      if (asset === undefined) continue;
      if (seen.jump !== undefined && Math.abs(nowS - seen.jump.atS) > SHOWN_S) seen.jump = undefined;
      const wrong = seen.jump !== undefined || seen.skewS !== 0;
      if (!wrong && !seen.reported) continue;
      seen.reported = wrong;
      reports.push(report(host, asset, seen, nowS));
    }
    return reports;
  }
}

function report(host: string, asset: string, { jump, skewS }: Seen, nowS: number): ProblemReport {
  const title =
    skewS !== 0
      ? `The clock of ${host} is ${Math.abs(skewS)} s ${skewS > 0 ? 'ahead of' : 'behind'} the server's`
      : jump === undefined
        ? `The clock of ${host} is right`
        : `The clock of ${host} was set ${jump.byS < 0 ? 'back' : 'forward'} by ${Math.abs(jump.byS)} s`;
  return {
    source: 'metrics',
    rule: 'metrics.clock.jump',
    subject: asset,
    assets: asset.startsWith('host:') ? [] : [asset],
    state: jump === undefined && skewS === 0 ? 'ok' : 'warning',
    title,
    detail: 'Samples, events and certificates depend on the time of the host.',
    next: 'See whether its time is kept: timedatectl, chronyc tracking.',
    evidence: [{ timeUs: nowS * 1_000_000, source: 'metrics', text: title }],
    timeUs: nowS * 1_000_000,
  };
}
