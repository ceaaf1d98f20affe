/** The range by words, by a press, or by two dates; says what it understood before it goes there. */
import { Popover as Base } from '@base-ui/react/popover';
import { type KeyboardEvent, type RefObject, useState } from 'react';
import { takeHeldKeys } from '../app/keys.ts';
import { usePreference } from '../app/preferences.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { useReturnFocus } from '../ui/return-focus.ts';
import { formatRange, spanText, zoneName } from './format.ts';
import { now } from './now.ts';
import styles from './picker.module.css';
import { describeRange, useTimeRange } from './range.ts';
import { parseRange, type RangeSpec } from './words.ts';

const PRESETS = ['5m', '15m', '1h', '3h', '12h', '24h', '2d', '7d', '30d'];
const MAX_RECENT = 5;

export interface PickerProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

export function Picker({ anchor, onClose }: PickerProps) {
  const range = useTimeRange();
  const finalFocus = useReturnFocus(true);
  const [words, setWords] = useState('');
  const [recent, setRecent] = usePreference<readonly string[]>('time:recent', []);
  const spec = parseRange(words, now());
  const go = (next: RangeSpec, said?: string) => {
    if (said !== undefined) setRecent([said, ...recent.filter((one) => one !== said)].slice(0, MAX_RECENT));
    range.set(next);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && spec !== undefined) go(spec, words.trim());
  };
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} sideOffset={6} align="end" className={styles['positioner']}>
          <Base.Popup className={styles['popup']} finalFocus={finalFocus} aria-label="Time range">
            <TextField
              label="Range"
              value={words}
              onChange={setWords}
              onKeyDown={onKeyDown}
              onFocus={() => setWords(words + takeHeldKeys())}
              placeholder="2h, yesterday, mon 03:00-04:00"
              autoFocus
              mono
              hint={understood(words, spec)}
            />
            <div className={styles['presets']}>
              {PRESETS.map((word) => {
                const preset = parseRange(word, 0);
                if (preset?.kind !== 'last') return null;
                return (
                  <Button
                    key={word}
                    small
                    tone={range.key === describeRange(preset).key ? 'primary' : 'plain'}
                    onClick={() => go(preset)}
                  >
                    {spanText(preset.spanMs)}
                  </Button>
                );
              })}
            </div>
            {recent.length > 0 && (
              <div className={styles['recent']}>
                <span className={styles['label']}>Recent</span>
                {recent.map((word) => {
                  const spoken = parseRange(word, now());
                  return spoken === undefined ? null : (
                    <Button key={word} small tone="ghost" onClick={() => go(spoken, word)}>
                      {word}
                    </Button>
                  );
                })}
              </div>
            )}
            <Between range={range.resolve()} go={go} />
            <p className={styles['zone']}>Times are {zoneName(now())}, the zone of this browser.</p>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Between({
  range,
  go,
}: {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly go: (spec: RangeSpec) => void;
}) {
  const [from, setFrom] = useState(() => localInput(range.fromMs));
  const [to, setTo] = useState(() => localInput(range.toMs));
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to);
  const wrong = fromMs >= toMs ? 'The end is before the start.' : undefined;
  return (
    <form
      className={styles['between']}
      onSubmit={(event) => {
        event.preventDefault();
        if (fromMs < toMs) go({ kind: 'between', fromMs, toMs });
      }}
    >
      <TextField label="From" type="datetime-local" step="1" value={from} onChange={setFrom} />
      <TextField label="To" type="datetime-local" step="1" value={to} onChange={setTo} error={wrong} />
      <Button type="submit" disabled={!(fromMs < toMs)}>
        Show
      </Button>
    </form>
  );
}

function understood(words: string, spec: RangeSpec | undefined): string {
  if (words.trim() === '') return 'Also an ISO time or an epoch, alone or as from - to.';
  if (spec === undefined) return 'Not understood yet.';
  const range = describeRange(spec);
  return spec.kind === 'last' ? `${range.label}, moving with the clock` : formatRange(spec.fromMs, spec.toMs);
}

/** What a datetime-local field takes: local time without a zone. */
function localInput(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
