/** Streams from who over what to whom, as bands; a band or a name opens its records. The table below says the same. */

import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { keepTime, type SearchParams } from '../app/search.ts';
import { useElementWidth } from '../ui/table/measure.ts';
import type { AssetNames } from './address.tsx';
import { cutLabel } from './cut-label.ts';
import { lineOf } from './filter.ts';
import styles from './flow.module.css';
import { OTHERS } from './matrix.ts';
import { type SankeyLink, type SankeyNode, type Stream, sankeyOf } from './sankey.ts';
import type { Measure } from './types.ts';
import { formatMeasure } from './words.ts';

const MOST = 12;
const HEIGHT = 440;
const NODE = 8;
const NARROW = 640;

export interface SankeyViewProps {
  readonly streams: readonly Stream[];
  /** What a service of the middle asks for: `port:443 protocol:tcp`. */
  readonly serviceParams: ReadonlyMap<string, Readonly<Record<string, string | number | null>>>;
  readonly measure: Measure;
  readonly names: AssetNames;
}

export function SankeyView({ streams, serviceParams, measure, names }: SankeyViewProps) {
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const width = useElementWidth(box);
  const [over, setOver] = useState<SankeyLink | SankeyNode | undefined>();
  const side = width < NARROW ? 92 : 172;
  const { nodes, links } = useMemo(
    () =>
      width === 0
        ? { nodes: [], links: [] }
        : sankeyOf(streams, MOST, { width, height: HEIGHT, nodeWidth: NODE, side, slot: 16, gap: 6 }),
    [streams, width, side],
  );
  const nameOf = ({ stage, name }: SankeyNode) =>
    name === OTHERS ? (stage === 1 ? 'other services' : 'others') : (names.get(name) ?? name);
  const paramsOf = ({ stage, name }: SankeyNode) =>
    name === OTHERS
      ? {}
      : stage === 1
        ? (serviceParams.get(name) ?? {})
        : { [stage === 0 ? 'source' : 'destination']: name };
  const open = (params: Parameters<typeof lineOf>[0]) => {
    const q = lineOf(params);
    if (q === '') return;
    void navigate({
      to: '/flows',
      search: (before: SearchParams) => ({ ...keepTime(before), view: 'records', q }),
    } as never);
  };
  const touches = (link: SankeyLink) => over === undefined || over === link || link.from === over || link.to === over;
  const words =
    over === undefined
      ? 'From, service, to. The height is the share of all; point at a band for its amount.'
      : 'path' in over
        ? `${nameOf(over.from)} → ${nameOf(over.to)}: ${formatMeasure(over.value, measure)}`
        : `${nameOf(over)}: ${formatMeasure(over.value, measure)}`;
  return (
    <div className={styles['picture']}>
      <p className={styles['readout']} aria-live="off">
        {words}
      </p>
      <div ref={box} className={styles['sankey']}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`From, service and to as bands. ${nodes
              .filter(({ stage }) => stage === 0)
              .slice(0, 5)
              .map((node) => `${nameOf(node)} ${formatMeasure(node.value, measure)}`)
              .join(', ')}. The table has all of it.`}
          >
            {links.map((link) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the table has the same links
              <path
                key={`${link.from.stage} ${link.from.name} ${link.to.name}`}
                d={link.path}
                strokeWidth={link.width}
                data-faint={!touches(link) || undefined}
                data-rest={link.from.name === OTHERS || link.to.name === OTHERS || undefined}
                onMouseEnter={() => setOver(link)}
                onMouseLeave={() => setOver(undefined)}
                onClick={() => open({ ...paramsOf(link.from), ...paramsOf(link.to) })}
              />
            ))}
            {nodes.map((node) => {
              const label = nameOf(node);
              const room = node.stage === 1 ? (width - 2 * side) / 2 - 3 * NODE : side - NODE;
              const cut = cutLabel(label, room);
              const x = node.stage === 0 ? node.x - 8 : node.x + NODE + 8;
              return (
                // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the table has the same links
                <g
                  key={`${node.stage} ${node.name}`}
                  data-rest={node.name === OTHERS || undefined}
                  onMouseEnter={() => setOver(node)}
                  onMouseLeave={() => setOver(undefined)}
                  onClick={() => open(paramsOf(node))}
                >
                  <rect x={node.x} y={node.y} width={NODE} height={node.height} />
                  <text x={x} y={node.y + node.height / 2 + 4} textAnchor={node.stage === 0 ? 'end' : 'start'}>
                    {cut}
                  </text>
                </g>
              );
            })}
          </svg>
        )}
      </div>
    </div>
  );
}
