/** Dependencies: a problem that follows from another open one stays quiet behind it. Pure. */
import type { ProblemName, ProblemRecord } from './problem.ts';

export function nameText(tenant: string, name: ProblemName): string {
  return `${tenant}\n${name.source}\n${name.rule}\n${name.subject}`;
}

/**
 * @param find the open problem of that name
 * @returns the id of the first open problem that keeps this one quiet
 */
export function behindOf(
  problem: ProblemRecord,
  find: (name: string) => ProblemRecord | undefined,
): string | undefined {
  for (const name of problem.dependsOn) {
    const parent = find(nameText(problem.tenant, name));
    if (parent === undefined || parent.id === problem.id) continue;
    if (leadsTo(parent, problem, find) && isRootOfCycle(problem, parent)) continue;
    return parent.id;
  }
  return undefined;
}

function leadsTo(from: ProblemRecord, to: ProblemRecord, find: (name: string) => ProblemRecord | undefined): boolean {
  const seen = new Set<string>();
  const waiting = [from];
  for (let problem = waiting.pop(); problem !== undefined; problem = waiting.pop()) {
    if (problem.id === to.id) return true;
    if (seen.has(problem.id)) continue;
    seen.add(problem.id);
    for (const name of problem.dependsOn) {
      const parent = find(nameText(problem.tenant, name));
      if (parent !== undefined) waiting.push(parent);
    }
  }
  return false;
}

/** Of problems that name each other, the one that was open first is told: somebody must be. */
function isRootOfCycle(problem: ProblemRecord, parent: ProblemRecord): boolean {
  if (problem.openedUs !== parent.openedUs) return problem.openedUs < parent.openedUs;
  return problem.id < parent.id;
}
