/** Settings of what comes in from other exporters and of what goes out to other tools. All of it is off by default. */
import Type, { type Static } from 'typebox';

const Port = (usual: string) =>
  Type.Integer({ default: 0, minimum: 0, maximum: 65_535, description: `Port, ${usual} is usual; 0 is off.` });
const Address = (description: string, usual: string) => Type.String({ default: usual, maxLength: 260, description });

export const CollectConfig = Type.Object(
  {
    listen: Address('Address that the ports below are opened on; `::` is all.', '127.0.0.1'),
    netflowPort: Port('2055'),
    ipfixPort: Port('4739, over UDP and TCP,'),
    sflowPort: Port('6343'),
    argus: Type.Array(Type.String({ minLength: 1, maxLength: 260 }), {
      default: [],
      maxItems: 64,
      description: 'Servers of Argus or radium to read from, as `host:port` (port 561 if absent).',
    }),
    exporters: Type.Array(Type.String({ minLength: 2, maxLength: 49 }), {
      default: [],
      maxItems: 1024,
      description: 'Addresses and blocks that may send flow exports; all that reach the ports if none is named.',
    }),
    scaleBySampling: Type.Boolean({
      default: true,
      description: 'Multiply the counters of sampled traffic by the sampling rate.',
    }),
  },
  { additionalProperties: false, default: {} },
);
export type CollectConfig = Static<typeof CollectConfig>;

export const ServeConfig = Type.Object(
  {
    argus: Type.Object(
      {
        listen: Address("Address and port where Argus' clients read the records live (`ra -S`); empty is off.", ''),
        maxClients: Type.Integer({ default: 16, minimum: 1, maximum: 256, description: 'Clients at once.' }),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false, default: {} },
);
export type ServeConfig = Static<typeof ServeConfig>;

export const ExportConfig = Type.Array(
  Type.Object(
    {
      to: Type.String({ minLength: 1, maxLength: 260, description: 'host:port of a collector (port 2055 if absent).' }),
      format: Type.Union([Type.Literal('netflow5'), Type.Literal('netflow9'), Type.Literal('ipfix')], {
        default: 'ipfix',
      }),
      domain: Type.Integer({ default: 0, minimum: 0, maximum: 0xffff_ffff, description: 'Source id of the messages.' }),
    },
    { additionalProperties: false },
  ),
  { default: [], maxItems: 16, description: "Collectors that this machine's flow records are sent to over UDP." },
);
export type ExportConfig = Static<typeof ExportConfig>;

export const LogsConfig = Type.Object(
  {
    folder: Type.String({
      default: '',
      maxLength: 4096,
      description: "Folder for logs of this machine's flow records; empty is off.",
    }),
    format: Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('zeek')], {
      default: 'json',
      description: '`json` (OCSF, one object a line), `csv`, or `zeek` (conn.log).',
    }),
    rotateMinutes: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 525_600,
      description: 'A new file at each multiple of this; the old one is put aside under its time.',
    }),
    rotateMiB: Type.Integer({
      default: 1024,
      minimum: 1,
      maximum: 1_000_000,
      description: 'And when it has become so large.',
    }),
    gzip: Type.Boolean({ default: true, description: 'Pack what is put aside.' }),
  },
  { additionalProperties: false, default: {} },
);
export type LogsConfig = Static<typeof LogsConfig>;
