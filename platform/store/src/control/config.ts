/** Settings of the control store (`store.control` in `undercroft.yaml`). */
import { badRequest } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';

export const ControlConfig = Type.Object(
  {
    kind: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')], {
      default: 'sqlite',
      description: 'Where the control state lives: a file in the state folder, or a PostgreSQL server.',
    }),
    url: Type.Optional(
      Type.String({
        description: 'PostgreSQL only: postgres://user@host:5432/database, without the password.',
      }),
    ),
    password: Type.Optional(
      Type.String({
        secret: true,
        description: 'PostgreSQL only: the password of the user in url. Better set by its environment variable.',
      }),
    ),
  },
  { additionalProperties: false, default: {} },
);
export type ControlConfig = Static<typeof ControlConfig>;

export interface PostgresTarget {
  readonly url: string;
  readonly password?: string;
}

/** @throws UndercroftError `store.config` */
export function postgresTarget(config: ControlConfig): PostgresTarget {
  const { url, password } = config;
  if (url === undefined)
    throw badRequest(
      'store.config',
      'store.control.kind is postgres, but store.control.url is not set.',
      'Set it to postgres://user@host:5432/database.',
    );
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw badRequest(
      'store.config',
      'store.control.url is not an address.',
      'Want postgres://user@host:5432/database.',
    );
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:')
    throw badRequest(
      'store.config',
      `store.control.url begins with ${parsed.protocol}//.`,
      'Want postgres://user@host:5432/database.',
    );
  if (parsed.password !== '')
    throw badRequest(
      'store.config',
      'store.control.url holds a password, which would be shown wherever the configuration is.',
      'Move it to store.control.password or the environment variable UNDERCROFT_STORE_CONTROL_PASSWORD.',
    );
  return password === undefined ? { url } : { url, password };
}
