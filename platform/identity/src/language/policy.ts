/**
 * Vault's ACL policies: what a text says, checked. Everything that Vault and OpenBao put into a policy is read.
 *
 * @see Vault manual, "Policies"; OpenBao manual, "Policies" (expiration, pagination_limit, control_group, scan)
 */
import { type Capability, isoFromUs, type JsonValue, usFromIso } from '@undercroft/kernel';
import { PolicyError, type Position, SyntaxProblem } from './error.ts';
import { Fields, type LabelledBlock, labelledBlocks, Problems } from './fields.ts';
import { type HclObject, MAX_TEXT_LENGTH } from './hcl/ast.ts';
import { parseHcl } from './hcl/parse.ts';
import { parseHclJson } from './hcl/parse-json.ts';

/** `scan` (a recursive list) is OpenBao's. */
export type PolicyCapability = Capability | 'scan';

/** In the order in which they are printed. */
export const CAPABILITIES: readonly PolicyCapability[] = [
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'scan',
  'sudo',
  'deny',
];

export const MAX_RULES = 10_000;
/** Length of a rule's path. */
export const MAX_PATH_LENGTH = 4096;

export interface Policy {
  /** Only if the text names itself; the name it is stored under counts. */
  readonly name?: string;
  readonly rules: readonly PolicyRule[];
  /** Whether a path holds `{{identity.…}}`. */
  readonly templated: boolean;
}

/** One `path "…" { }`. Field names as in the text, with units. */
export interface PolicyRule extends Position {
  /** Without the leading slash. */
  readonly path: string;
  /** Each once, in the order of {@link CAPABILITIES}; `deny` stands alone. */
  readonly capabilities: readonly PolicyCapability[];
  readonly comment?: string;
  /** By parameter in lower case; an empty list allows any value. */
  readonly allowedParameters?: Readonly<Record<string, readonly JsonValue[]>>;
  readonly deniedParameters?: Readonly<Record<string, readonly JsonValue[]>>;
  readonly requiredParameters?: readonly string[];
  readonly minWrappingTtlS?: number;
  readonly maxWrappingTtlS?: number;
  readonly mfaMethods?: readonly string[];
  readonly paginationLimit?: number;
  readonly listFilterPath?: string;
  /** The rule does not count after it. */
  readonly expirationUs?: number;
  readonly controlGroup?: ControlGroup;
}

export interface ControlGroup {
  readonly ttlS?: number;
  readonly selfAuthAllowed?: boolean;
  readonly factors: readonly ControlGroupFactor[];
}

export interface ControlGroupFactor {
  readonly name: string;
  readonly controlledCapabilities: readonly PolicyCapability[];
  readonly groupNames: readonly string[];
  readonly groupIds: readonly string[];
  readonly approvals: number;
}

const RULE_FIELDS = [
  'comment',
  'policy',
  'capabilities',
  'allowed_parameters',
  'denied_parameters',
  'required_parameters',
  'min_wrapping_ttl',
  'max_wrapping_ttl',
  'mfa_methods',
  'pagination_limit',
  'expiration',
  'list_scan_response_keys_filter_path',
  'control_group',
];

/** What `policy = "…"`, the form before capabilities, stands for. */
const OLD_POLICIES: Readonly<Record<string, readonly PolicyCapability[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/**
 * Reads a policy in HCL, or in JSON if the first character is `{`.
 *
 * @param file what errors call the text
 * @throws PolicyError with every problem's line and column
 */
export function parsePolicy(text: string, file = 'policy'): Policy {
  if (text.length > MAX_TEXT_LENGTH)
    throw new PolicyError(file, [{ line: 1, column: 1, message: `longer than ${MAX_TEXT_LENGTH} characters` }]);
  const problems = new Problems();
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const json = /^\s*\{/.test(source);
  const policy = readPolicy(parseTree(source, json, file), json, problems);
  if (problems.list.length > 0) throw new PolicyError(file, problems.list);
  return policy;
}

function parseTree(text: string, json: boolean, file: string): HclObject {
  try {
    return json ? parseHclJson(text) : parseHcl(text);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new PolicyError(file, [{ ...pick(error.position), message: error.message }]);
  }
}

function readPolicy(tree: HclObject, json: boolean, problems: Problems): Policy {
  const fields = new Fields('a policy', tree, ['name'], ['path'], problems);
  const name = fields.text('name');
  const blocks = labelledBlocks(tree, 'path', json, problems);
  if (blocks.length > MAX_RULES) problems.add(blocks[MAX_RULES]!, `more than ${MAX_RULES} paths`);
  const rules = blocks.slice(0, MAX_RULES).map((block) => readRule(block, json, problems));
  const templated = rules.some((rule) => rule.path.includes('{{'));
  return { ...(name === undefined ? {} : { name }), rules, templated };
}

function readRule(block: LabelledBlock, json: boolean, problems: Problems): PolicyRule {
  const fields = new Fields('a path', block.body, RULE_FIELDS, [], problems);
  const rule = {
    line: block.line,
    column: block.column,
    path: readPath(block, problems),
    capabilities: readCapabilities(fields, problems),
    comment: fields.text('comment'),
    allowedParameters: fields.lists('allowed_parameters'),
    deniedParameters: fields.lists('denied_parameters'),
    requiredParameters: fields.texts('required_parameters'),
    minWrappingTtlS: fields.duration('min_wrapping_ttl'),
    maxWrappingTtlS: fields.duration('max_wrapping_ttl'),
    mfaMethods: fields.texts('mfa_methods'),
    paginationLimit: fields.count('pagination_limit'),
    listFilterPath: fields.text('list_scan_response_keys_filter_path'),
    expirationUs: readExpiration(fields, problems),
    controlGroup: readControlGroup(fields, json, problems),
  };
  if (
    (rule.minWrappingTtlS ?? 0) > 0 &&
    (rule.maxWrappingTtlS ?? 0) > 0 &&
    rule.maxWrappingTtlS! < rule.minWrappingTtlS!
  )
    problems.add(fields.at('max_wrapping_ttl')!, 'max_wrapping_ttl is less than min_wrapping_ttl');
  if (rule.listFilterPath !== undefined && !rule.capabilities.includes('list'))
    problems.add(block, 'list_scan_response_keys_filter_path needs the capability list');
  return defined(rule);
}

function readPath(block: LabelledBlock, problems: Problems): string {
  const path = block.label.startsWith('/') ? block.label.slice(1) : block.label;
  if (path.length > MAX_PATH_LENGTH) problems.add(block, `the path is longer than ${MAX_PATH_LENGTH} characters`);
  if (path.includes('+*'))
    problems.add(block, `path ${JSON.stringify(path)}: + is a whole segment and takes no * behind it; write +/*`);
  if (/\{\{|\}\}/.test(path.replaceAll(/\{\{[^{}]*\}\}/g, '')))
    problems.add(block, `path ${JSON.stringify(path)}: a template {{…}} is not closed`);
  return path;
}

function readCapabilities(fields: Fields, problems: Problems): PolicyCapability[] {
  const found = new Set<PolicyCapability>();
  for (const text of fields.texts('capabilities') ?? []) {
    const capability = CAPABILITIES.find((each) => each === text);
    if (capability !== undefined) found.add(capability);
    else
      problems.add(
        fields.at('capabilities')!,
        `${JSON.stringify(text)} is no capability; there are ${CAPABILITIES.join(', ')}`,
      );
  }
  const old = fields.text('policy');
  if (old !== undefined && old !== '') {
    if (!Object.hasOwn(OLD_POLICIES, old))
      problems.add(
        fields.at('policy')!,
        `policy ${JSON.stringify(old)} is none of ${Object.keys(OLD_POLICIES).join(', ')}`,
      );
    else for (const capability of OLD_POLICIES[old]!) found.add(capability);
  }
  return found.has('deny') ? ['deny'] : CAPABILITIES.filter((capability) => found.has(capability));
}

function readExpiration(fields: Fields, problems: Problems): number | undefined {
  const text = fields.text('expiration');
  if (text === undefined || text === '') return undefined;
  const timeUs = usFromIso(text);
  if (timeUs === undefined || !canPrint(timeUs))
    problems.add(
      fields.at('expiration')!,
      `expiration ${JSON.stringify(text)} is no time such as 2027-01-31T00:00:00Z`,
    );
  return timeUs;
}

function canPrint(timeUs: number): boolean {
  return Math.abs(timeUs) <= 8.64e18 && Number.isSafeInteger(timeUs) && usFromIso(isoFromUs(timeUs)) === timeUs;
}

function readControlGroup(fields: Fields, json: boolean, problems: Problems): ControlGroup | undefined {
  const block = fields.block('control_group');
  if (block === undefined) return undefined;
  const group = new Fields('control_group', block, ['ttl', 'self_auth_allowed'], ['factor'], problems);
  const factors = labelledBlocks(block, 'factor', json, problems).map((factor) => readFactor(factor, problems));
  if (factors.length === 0) problems.add(block, 'control_group needs at least one factor');
  return defined({ ttlS: group.duration('ttl'), selfAuthAllowed: group.flag('self_auth_allowed'), factors });
}

function readFactor(block: LabelledBlock, problems: Problems): ControlGroupFactor {
  const factor = new Fields('a factor', block.body, ['controlled_capabilities', 'identity'], [], problems);
  const names = factor.texts('controlled_capabilities') ?? [];
  const controlled = CAPABILITIES.filter((capability) => names.includes(capability) && capability !== 'deny');
  for (const name of names)
    if (!controlled.some((capability) => capability === name))
      problems.add(
        factor.at('controlled_capabilities')!,
        `${JSON.stringify(name)} is no capability that can be controlled`,
      );
  if (names.length === 0) problems.add(block, 'a factor needs controlled_capabilities');
  const body = factor.block('identity');
  const identity = new Fields(
    'identity',
    body ?? { kind: 'object', items: [], line: block.line, column: block.column },
    ['group_names', 'group_ids', 'approvals'],
    [],
    problems,
  );
  const groupNames = identity.texts('group_names') ?? [];
  const groupIds = identity.texts('group_ids') ?? [];
  const approvals = identity.count('approvals') ?? 0;
  if (groupNames.length + groupIds.length === 0) problems.add(block, 'a factor needs group_names or group_ids');
  if (approvals === 0) problems.add(block, 'a factor needs approvals, at least 1');
  return { name: block.label, controlledCapabilities: controlled, groupNames, groupIds, approvals };
}

function pick({ line, column }: Position): Position {
  return { line, column };
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
