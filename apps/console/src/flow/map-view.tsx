/** Inner networks and what is outside, with lines between those who talk. No map of the world: nothing comes from elsewhere. */

import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { keepTime, type SearchParams } from '../app/search.ts';
import { useElementWidth } from '../ui/table/measure.ts';
import { type AssetNames, hostPath } from './address.tsx';
import { cutLabel } from './cut-label.ts';
import { useSetup } from './data.ts';
import { lineOf } from './filter.ts';
import styles from './flow.module.css';
import { type MapLink, type MapNode, type MapPair, networkMap } from './network-map.ts';
import { placesOf } from './networks.ts';
import type { Measure } from './types.ts';
import { formatMeasure } from './words.ts';

const NARROW = 640;
const PAD = 12;
const MAX_WIDTH = 1280;

export interface MapViewProps {
  readonly pairs: readonly MapPair[];
  readonly measure: Measure;
  readonly names: AssetNames;
}

const NO_NETWORKS: readonly string[] = [];

export function MapView({ pairs, measure, names }: MapViewProps) {
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const width = Math.min(useElementWidth(box), MAX_WIDTH);
  const local = useSetup().data?.localNetworks ?? NO_NETWORKS;
  const [over, setOver] = useState<MapNode | MapLink | undefined>();
  const column = width < NARROW ? 118 : 216;
  const map = useMemo(
    () =>
      width === 0
        ? undefined
        : networkMap(pairs, placesOf(local), { width, left: column + PAD, right: width - column - PAD }),
    [pairs, local, width, column],
  );
  const nameOf = ({ id, count, others }: MapNode) => (others ? `${count} more` : (names.get(id) ?? id));
  const go = (to: string, q?: string) =>
    void navigate({
      to,
      search: (before: SearchParams) => ({ ...keepTime(before), ...(q === undefined ? {} : { view: 'records', q }) }),
    } as never);
  const touches = (link: MapLink) => over === undefined || over === link || link.from === over || link.to === over;
  const words =
    over === undefined
      ? 'Inner networks at the left, everybody else at the right; the wider a line, the more moved.'
      : 'path' in over
        ? `${nameOf(over.from)} and ${nameOf(over.to)}: ${formatMeasure(over.value, measure)}`
        : `${nameOf(over)}: ${formatMeasure(over.value, measure)}`;
  return (
    <div className={styles['picture']}>
      <p className={styles['readout']} aria-live="off">
        {words}
      </p>
      <div ref={box} className={styles['map']}>
        {map !== undefined && (
          <svg
            width={width}
            height={map.height + 8}
            role="img"
            aria-label={`${map.groups.map(({ name, nodes }) => `${name} with ${nodes.length} nodes`).join(', ')}, ${map.links.length} lines. The table has all of it.`}
          >
            {map.groups.map((group) => (
              <g key={group.name} className={styles['group']}>
                <rect
                  x={group.side === 'left' ? 0.5 : width - column - 2 * PAD - 0.5}
                  y={group.y + 0.5}
                  width={column + 2 * PAD}
                  height={group.height + 4}
                  rx={5}
                />
                <text
                  x={group.side === 'left' ? PAD : width - PAD}
                  y={group.y + 17}
                  textAnchor={group.side === 'left' ? 'start' : 'end'}
                >
                  {group.name}
                </text>
              </g>
            ))}
            {map.links.map((link) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the table has the same links
              <path
                key={`${link.from.id} ${link.to.id}`}
                d={link.path}
                strokeWidth={link.width}
                data-faint={!touches(link) || undefined}
                onMouseEnter={() => setOver(link)}
                onMouseLeave={() => setOver(undefined)}
                onClick={() => {
                  if (!link.from.others && !link.to.others)
                    go('/flows', lineOf({ source: link.from.id, destination: link.to.id }));
                }}
              />
            ))}
            {map.groups.flatMap((group) =>
              group.nodes.map((node) => {
                const left = node.side === 'left';
                const label = nameOf(node);
                const room = column - 20;
                const cut = cutLabel(label, room);
                return (
                  // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the table has the same links
                  <g
                    key={node.id}
                    className={styles['node']}
                    data-others={node.others || undefined}
                    data-outside={!left || undefined}
                    onMouseEnter={() => setOver(node)}
                    onMouseLeave={() => setOver(undefined)}
                    onClick={() => !node.others && go(hostPath(node.id))}
                  >
                    <circle cx={node.x} cy={node.y} r={node.radius} />
                    <text x={node.x + (left ? -14 : 14)} y={node.y + 4} textAnchor={left ? 'end' : 'start'}>
                      {cut}
                    </text>
                  </g>
                );
              }),
            )}
          </svg>
        )}
      </div>
    </div>
  );
}
