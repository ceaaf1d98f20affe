/** What an asset stands in relation to: the nearest as a picture, all of them as a list. */
import { useNavigate } from '@tanstack/react-router';
import { Link } from '../app/link.tsx';
import { EmptyState } from '../ui/states.tsx';
import type { TableColumn } from '../ui/table/columns.ts';
import { Table } from '../ui/table/table.tsx';
import { Ago } from '../ui/time.tsx';
import type { RelatedAsset } from './data.ts';
import { groupRelations, relationWord } from './relation-groups.ts';
import styles from './relations.module.css';
import { typeName } from './words.ts';

const WIDTH = 304;
const HEIGHT = 150;
/** Middle of each place around the asset. */
const PLACES = [
  [60, 22],
  [244, 22],
  [60, 128],
  [244, 128],
  [152, 134],
  [152, 14],
] as const;
const MAX_LETTERS = 17;

export function RelationsGraph({
  name,
  relations,
}: {
  readonly name: string;
  readonly relations: readonly RelatedAsset[];
}) {
  const groups = groupRelations(relations).slice(0, PLACES.length);
  const centre = [WIDTH / 2, HEIGHT / 2] as const;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={styles['graph']}
      role="img"
      aria-label={`Nearest relations of ${name}`}
    >
      {groups.map((group, index) => {
        const [x, y] = PLACES[index] ?? centre;
        return (
          <path key={group.key} d={`M${centre[0]} ${centre[1]}L${x} ${y}`} data-gone={!group.present || undefined} />
        );
      })}
      {groups.map((group, index) => {
        const [x, y] = PLACES[index] ?? centre;
        const text = cut(group.label);
        const width = text.length * 6 + 16;
        return (
          <g key={group.key}>
            <rect x={x - width / 2} y={y - 10} width={width} height={20} rx={4} />
            <text x={x} y={y + 4}>
              {text}
            </text>
            <title>{`${relationWord(group.type, group.direction)} ${group.label}`}</title>
          </g>
        );
      })}
      <g data-centre="">
        <rect
          x={centre[0] - (cut(name).length * 7 + 20) / 2}
          y={centre[1] - 12}
          width={cut(name).length * 7 + 20}
          height={24}
          rx={5}
        />
        <text x={centre[0]} y={centre[1] + 4}>
          {cut(name)}
        </text>
      </g>
    </svg>
  );
}

export function RelationsTable({ relations }: { readonly relations: readonly RelatedAsset[] }) {
  const navigate = useNavigate();
  return (
    <Table
      id="relations"
      label="Relations"
      main
      columns={COLUMNS}
      rows={relations}
      rowKey={keyOf}
      tone={(relation) => (relation.asset.present ? undefined : 'quiet')}
      onOpen={(relation) => void navigate({ to: `/assets/${encodeURIComponent(relation.asset.id)}` } as never)}
      empty={
        <EmptyState
          title="No relations are known"
          text="Engines add them as they learn: ports it exposes, volumes, certificates, what it talks to."
        />
      }
    />
  );
}

const keyOf = (relation: RelatedAsset) => `${relation.type}${relation.direction}${relation.asset.id}`;

const COLUMNS: readonly TableColumn<RelatedAsset>[] = [
  {
    id: 'relation',
    header: 'Relation',
    value: (one) => relationWord(one.type, one.direction),
    width: 150,
    phone: true,
  },
  {
    id: 'name',
    header: 'Asset',
    value: (one) => one.asset.name,
    cell: (one) => <Link to={`/assets/${encodeURIComponent(one.asset.id)}`}>{one.asset.name}</Link>,
    phone: true,
  },
  { id: 'type', header: 'Type', value: (one) => typeName(one.asset.type), width: 120 },
  {
    id: 'firstSeenAt',
    header: 'Since',
    value: (one) => one.firstSeenAt,
    cell: (one) => <Ago at={one.firstSeenAt} />,
    align: 'end',
    width: 120,
  },
  {
    id: 'lastSeenAt',
    header: 'Last seen',
    value: (one) => one.lastSeenAt,
    cell: (one) => <Ago at={one.lastSeenAt} />,
    align: 'end',
    width: 120,
  },
];

function cut(text: string): string {
  return text.length <= MAX_LETTERS ? text : `${text.slice(0, MAX_LETTERS - 1)}…`;
}
