/** Contacts, routes and what was sent, as the alerts API gives and takes them. */
import type { JsonValue, ProblemState } from '../api/types.ts';

/** The part of JSON Schema that a channel's settings use. */
export interface SettingSchema {
  readonly type?: string;
  readonly const?: JsonValue;
  readonly anyOf?: readonly SettingSchema[];
  readonly items?: SettingSchema;
  readonly default?: JsonValue;
  readonly description?: string;
}

export interface Channel {
  readonly name: string;
  readonly summary: string;
  readonly settings: {
    readonly properties?: Readonly<Record<string, SettingSchema>>;
    readonly required?: readonly string[];
  };
  readonly secrets: readonly string[];
  /** Why it cannot be used on the server now. */
  readonly unavailable?: string;
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly channel: string;
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly unavailable?: string;
}

export interface NotificationRoute {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly match: {
    readonly states: readonly ProblemState[];
    readonly assets?: string;
    readonly source?: string;
    readonly rule?: string;
  };
  readonly contacts: readonly string[];
  readonly delayS: number;
  readonly escalations: readonly { readonly afterS: number; readonly contacts: readonly string[] }[];
}

export interface SentNotification {
  readonly id: string;
  readonly contactName: string;
  readonly subject: string;
  readonly state: 'waiting' | 'sent' | 'failed' | 'dropped';
  readonly attempts: number;
  readonly createdAt: string;
  readonly sentAt?: string;
  readonly lastError?: string;
}

export interface TestResult {
  readonly sent: boolean;
  readonly error?: string;
  readonly durationMs: number;
}

export type FieldKind = 'text' | 'secret' | 'number' | 'switch' | 'choice' | 'lines';

export interface SettingField {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly hint: string | undefined;
  readonly initial: string;
  /** Of a choice. */
  readonly options: readonly string[];
}

/** The fields of a form for a channel's settings; what is neither text, number, switch, choice nor list of texts is left out. */
export function fieldsOf(channel: Channel): readonly SettingField[] {
  return Object.entries(channel.settings.properties ?? {}).flatMap(([name, schema]): SettingField[] => {
    const kind = kindOf(name, schema, channel.secrets);
    if (kind === undefined) return [];
    return [
      {
        name,
        label: labelOf(name),
        kind,
        required: channel.settings.required?.includes(name) === true && schema.default === undefined,
        hint: kind === 'lines' ? [schema.description, 'One a line.'].filter(Boolean).join(' ') : schema.description,
        initial: schema.default === undefined ? '' : String(schema.default),
        options: (schema.anyOf ?? []).map((option) => String(option.const)),
      },
    ];
  });
}

function kindOf(name: string, schema: SettingSchema, secrets: readonly string[]): FieldKind | undefined {
  if (secrets.includes(name)) return 'secret';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'array' && schema.items?.type === 'string') return 'lines';
  return schema.anyOf?.every((option) => typeof option.const === 'string') === true ? 'choice' : undefined;
}

/** `verifyCertificate` → "Verify certificate". */
function labelOf(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** From what was typed to what the channel takes; what was left empty is left out. */
export function settingsOf(
  fields: readonly SettingField[],
  typed: Readonly<Record<string, string>>,
): Record<string, JsonValue> {
  const settings: Record<string, JsonValue> = {};
  for (const field of fields) {
    const text = (typed[field.name] ?? field.initial).trim();
    if (text === '') continue;
    if (field.kind === 'number') settings[field.name] = Number(text);
    else if (field.kind === 'switch') settings[field.name] = text === 'true';
    else if (field.kind === 'lines')
      settings[field.name] = text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
    else settings[field.name] = text;
  }
  return settings;
}

/** Where it goes, in one line: addresses, an address, a command. */
export function targetOf({ settings }: Contact): string {
  const value = settings['to'] ?? settings['url'] ?? settings['command'];
  if (Array.isArray(value)) return value.join(settings['command'] === undefined ? ', ' : ' ');
  return typeof value === 'string' ? value : '';
}
