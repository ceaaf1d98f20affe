/** What a person chose for this browser: theme, density, rail, single keys, columns of tables. Kept in local storage. */
import { useSyncExternalStore } from 'react';

export interface Preferences {
  readonly theme: 'dark' | 'light' | 'system';
  readonly density: 'normal' | 'compact' | 'touch';
  readonly rail: 'wide' | 'narrow';
  /** Keys without Ctrl act. */
  readonly singleKeys: boolean;
  /** Free for pages: `columns:assets` and the like. */
  readonly values: Readonly<Record<string, unknown>>;
}

const STORAGE_KEY = 'undercroft.preferences';
const DEFAULTS: Preferences = { theme: 'system', density: 'normal', rail: 'wide', singleKeys: true, values: {} };

let current = read();
const listeners = new Set<() => void>();

export const preferences = {
  get: () => current,
  set(change: Partial<Preferences>) {
    current = { ...current, ...change };
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
    } catch {
      // Private windows refuse storage: the choice then lasts as long as the page.
    }
    applyPreferences();
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

export function usePreferences(): Preferences {
  return useSyncExternalStore(preferences.subscribe, preferences.get);
}

/** One kept value of a page: `const [columns, setColumns] = usePreference('columns:assets', defaults)`. */
export function usePreference<T>(name: string, initial: T): readonly [T, (value: T) => void] {
  const value = usePreferences().values[name];
  return [
    value === undefined ? initial : (value as T),
    (next) => preferences.set({ values: { ...current.values, [name]: next } }),
  ];
}

/** Puts theme and density on the root element. */
function applyPreferences(): void {
  const root = document.documentElement;
  const light = matchMedia('(prefers-color-scheme: light)').matches;
  root.dataset['theme'] = current.theme === 'system' ? (light ? 'light' : 'dark') : current.theme;
  root.dataset['density'] = current.density;
}

/** Applies what was chosen, and again whenever the system turns light or dark. */
export function followSystemTheme(): void {
  applyPreferences();
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', applyPreferences);
}

function read(): Preferences {
  try {
    const text = localStorage.getItem(STORAGE_KEY);
    return text === null ? DEFAULTS : { ...DEFAULTS, ...(JSON.parse(text) as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}
