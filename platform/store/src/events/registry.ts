/** The event classes of this installation, checked: what the columns of each table are. */
import { type EventClass, type EventColumnType, UndercroftError } from '@undercroft/kernel';
import { BASE_EVENT, isAuditClass } from './classes.ts';

/** An attribute is one of a class's own columns. */
export interface EventAttribute {
  readonly name: string;
  readonly type: EventColumnType;
}

export interface RegisteredClass {
  readonly name: string;
  readonly uid: number;
  readonly audit: boolean;
  readonly bulk: boolean;
  readonly attributes: readonly EventAttribute[];
  readonly columns: ReadonlyMap<string, EventColumnType>;
}

export interface EventRegistry {
  readonly classes: ReadonlyMap<string, RegisteredClass>;
  /** Every declared attribute. One name has one type in all classes, so that they can be asked together. */
  readonly attributes: ReadonlyMap<string, EventColumnType>;
}

/** Columns that every class has, by their names in the store. */
export const COMMON_COLUMNS = [
  'id',
  'time_ns',
  'received_ns',
  'tenant',
  'severity',
  'activity',
  'source',
  'asset',
  'others',
  'message',
  'unmapped',
] as const;

/** Names an attribute cannot have: the common columns and what queries call them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...COMMON_COLUMNS,
  'class',
  'assets',
  'time',
  'received',
  'timeus',
  'receivedus',
  'attributes',
]);
const CLASS_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const ATTRIBUTE_NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const MAX_ATTRIBUTES = 200;
const MAX_NAME_LENGTH = 120;

/** @throws UndercroftError `events.class.invalid` naming every fault of every declaration */
export function buildRegistry(declared: readonly EventClass[]): EventRegistry {
  const faults: string[] = [];
  const classes = new Map<string, RegisteredClass>();
  const attributes = new Map<string, EventColumnType>();
  const spellings = new Map<string, string>();
  const all = declared.some((one) => one.name === BASE_EVENT.name) ? declared : [BASE_EVENT, ...declared];
  for (const one of all) {
    if (!CLASS_NAME.test(one.name)) faults.push(`the class name ${JSON.stringify(one.name)} is not in snake_case`);
    if (classes.has(one.name)) faults.push(`the class ${one.name} is declared twice`);
    faults.push(...attributeFaults(one, attributes, spellings));
    classes.set(one.name, {
      name: one.name,
      uid: one.uid,
      audit: isAuditClass(one),
      bulk: one.bulk === true,
      attributes: Object.entries(one.attributes).map(([name, type]) => ({ name, type })),
      columns: new Map(Object.entries(one.attributes)),
    });
  }
  if (faults.length > 0)
    throw new UndercroftError('events.class.invalid', `Event classes are declared wrongly: ${faults.join('; ')}.`);
  return { classes, attributes };
}

function attributeFaults(
  one: EventClass,
  attributes: Map<string, EventColumnType>,
  spellings: Map<string, string>,
): string[] {
  const faults: string[] = [];
  const entries = Object.entries(one.attributes);
  if (entries.length > MAX_ATTRIBUTES) faults.push(`${one.name} has more than ${MAX_ATTRIBUTES} attributes`);
  for (const [name, type] of entries) {
    // DuckDB does not tell capitals from small letters in names.
    const spelling = spellings.get(name.toLowerCase());
    const known = attributes.get(name);
    if (!ATTRIBUTE_NAME.test(name) || name.length > MAX_NAME_LENGTH)
      faults.push(`${one.name}: ${JSON.stringify(name)} is not a dotted OCSF name`);
    else if (RESERVED.has(name.toLowerCase())) faults.push(`${one.name}: ${name} is a column of every class`);
    else if (spelling !== undefined && spelling !== name) faults.push(`${one.name}: ${name} is also spelt ${spelling}`);
    else if (known !== undefined && known !== type)
      faults.push(`${one.name}: ${name} is ${type} here and ${known} in another class`);
    spellings.set(name.toLowerCase(), name);
    attributes.set(name, type);
  }
  return faults;
}
