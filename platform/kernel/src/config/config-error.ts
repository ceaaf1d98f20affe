import { UndercroftError } from '../errors.ts';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** `undercroft.yaml:12`, `environment UNDERCROFT_HTTP_LISTEN`, `flag --listen`. */
  readonly where: string;
  readonly key?: string;
  readonly got?: unknown;
  /** What would be right, or what to do. */
  readonly mend: string;
  readonly code: string;
}

/** All that is wrong, at once. */
export class ConfigError extends UndercroftError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('kernel.config', problems.map(describeConfigProblem).join('\n'), { status: 422 });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `undercroft.yaml:3: http.listen is 7600; want text that fits …` */
export function describeConfigProblem(problem: ConfigProblem): string {
  const got = problem.got === undefined ? '' : ` is ${JSON.stringify(problem.got)};`;
  return `${problem.where}: ${problem.key ?? ''}${got} ${problem.mend}`.replace(/: +/, ': ');
}
