import { UndercroftError } from '@undercroft/kernel';

/** Where in a text, both counted from 1. Columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a policy's text. */
export interface PolicyProblem extends Position {
  readonly message: string;
}

/**
 * The text of a policy is wrong. `problems` names everything that was found: a syntax error ends reading, errors of
 * meaning are all collected.
 */
export class PolicyError extends UndercroftError {
  readonly file: string;
  readonly problems: readonly PolicyProblem[];

  constructor(file: string, problems: readonly PolicyProblem[]) {
    super(
      'identity.policy',
      problems.map((problem) => `${file}:${problem.line}:${problem.column}: ${problem.message}`).join('\n'),
      { status: 400, fix: 'Mend the lines named and send the policy again.', details: { problems } },
    );
    this.name = 'PolicyError';
    this.file = file;
    this.problems = problems;
  }
}

/** Thrown by the readers below and made a {@link PolicyError} by `parsePolicy`, which knows the file's name. */
export class SyntaxProblem extends Error {
  readonly position: Position;

  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}
