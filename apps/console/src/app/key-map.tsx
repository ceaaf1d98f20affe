import { Dialog } from '../ui/dialog.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Switch } from '../ui/switch.tsx';
import styles from './key-map.module.css';
import { activeBindings, type KeyBinding } from './keys.ts';
import { preferences, usePreferences } from './preferences.ts';

const GROUP_ORDER = ['On this page', 'Everywhere', 'Time', 'Go to'];

/** All keys that act here and now. */
export function KeyMap({ onClose }: { readonly onClose: () => void }) {
  const { singleKeys } = usePreferences();
  return (
    <Dialog open onClose={onClose} title="Keys" wide>
      <KeyList />
      <Switch
        label="Single keys act"
        hint="Off: only combinations with Ctrl. Keys never act while you type."
        checked={singleKeys}
        onChange={(next) => preferences.set({ singleKeys: next })}
      />
    </Dialog>
  );
}

/** The bindings by group; the help page shows it too. */
export function KeyList() {
  const groups = new Map<string, KeyBinding[]>();
  for (const binding of activeBindings()) {
    if (binding.keys === '=') continue;
    const group = binding.group ?? 'On this page';
    groups.set(group, [...(groups.get(group) ?? []), binding]);
  }
  const names = [...groups.keys()].sort((a, b) => rank(a) - rank(b));
  return (
    <div className={styles['groups']}>
      {names.map((name) => (
        <div key={name}>
          <h3 className={styles['name']}>{name}</h3>
          <dl className={styles['list']}>
            {groups.get(name)?.map((binding) => (
              <div key={binding.keys} className={styles['line']}>
                <dt>
                  <Kbd keys={binding.keys} />
                  <span className="visually-hidden">{binding.keys}</span>
                </dt>
                <dd>{binding.label}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}

function rank(group: string): number {
  const at = GROUP_ORDER.indexOf(group);
  return at < 0 ? 0.5 : at;
}
