/** What a schema check found, in words: one line a field, unions read as a choice. */
import type { Validator } from 'typebox/compile';
import type { FieldError } from './problem.ts';

export const MAX_FIELD_ERRORS = 20;

type CheckError = ReturnType<Validator['Errors']>[number];

/** @returns at most {@link MAX_FIELD_ERRORS} errors, at least one */
export function fieldErrors(errors: readonly CheckError[]): readonly FieldError[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  const found = new Map<string, FieldError>();
  for (const error of errors) {
    if (error.keyword === 'boolean' || isBranchOf(error, unions, errors)) continue;
    const message = error.keyword === 'anyOf' ? unionMessage(error, errors) : messageOf(error);
    if (message !== undefined) found.set(`${error.instancePath}\n${message}`, { path: error.instancePath, message });
    if (found.size === MAX_FIELD_ERRORS) break;
  }
  return found.size > 0 ? [...found.values()] : [{ path: '', message: 'does not match its schema' }];
}

/** True for what is said better by the union as a whole. */
function isBranchOf(error: CheckError, unions: readonly CheckError[], all: readonly CheckError[]): boolean {
  return unions.some((union) => {
    const branch = branchOf(error, union);
    return branch !== undefined && branch !== chosenBranch(union, all);
  });
}

function branchOf(error: CheckError, union: CheckError): string | undefined {
  const prefix = `${union.schemaPath}/anyOf/`;
  return error.schemaPath.startsWith(prefix) ? error.schemaPath.slice(prefix.length).split('/', 1)[0] : undefined;
}

/** The branch that was meant: the only one whose type and own constants (`kind`, `op`) fit. */
function chosenBranch(union: CheckError, all: readonly CheckError[]): string | undefined {
  const wrong = new Set<string>();
  const branches = new Set<string>();
  for (const error of all) {
    const branch = branchOf(error, union);
    if (branch === undefined) continue;
    branches.add(branch);
    const below = error.instancePath.slice(union.instancePath.length).split('/').length - 1;
    const isKind = below === 1 && (error.keyword === 'const' || error.keyword === 'enum');
    if (isKind || (below === 0 && error.keyword === 'type')) wrong.add(branch);
  }
  const fitting = [...branches].filter((branch) => !wrong.has(branch));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** @returns undefined when the meant branch speaks for itself */
function unionMessage(union: CheckError, all: readonly CheckError[]): string | undefined {
  if (chosenBranch(union, all) !== undefined) return undefined;
  const choices = all
    .filter((error) => error.keyword === 'const' && branchOf(error, union) !== undefined)
    .map((error) => JSON.stringify((error.params as { allowedValue?: unknown }).allowedValue));
  return choices.length > 0
    ? `must be one of ${[...new Set(choices)].join(', ')}`
    : 'has none of the forms it may have';
}

function messageOf(error: CheckError): string {
  const params = error.params as {
    additionalProperties?: readonly string[];
    allowedValue?: unknown;
    allowedValues?: readonly unknown[];
  };
  if (error.keyword === 'additionalProperties')
    return `has unknown fields: ${(params.additionalProperties ?? []).join(', ')}`;
  if (error.keyword === 'enum')
    return `must be one of ${(params.allowedValues ?? []).map((value) => JSON.stringify(value)).join(', ')}`;
  if (error.keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  return error.message;
}
