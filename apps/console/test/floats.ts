/** What floats over pages: panels, dialogs, menus, the palette. Each is opened as a person does. */
import type { Page } from 'playwright-core';
import { DB_HOST } from './fixtures/assets.ts';
import { fixedId } from './fixtures/world.ts';

export interface Float {
  readonly name: string;
  readonly path: string;
  /** What is there once it is open. @defaultValue a dialog */
  readonly shown?: string;
  open?(page: Page): Promise<unknown>;
}

const INCIDENT = `/problems/${fixedId('prob', 1)}`;
const press = (keys: string) => (page: Page) => page.keyboard.press(keys);
const click = (role: 'button' | 'combobox', name: string | RegExp) => (page: Page) =>
  page.getByRole(role, { name }).first().click();
const keys =
  (...names: readonly string[]) =>
  async (page: Page) => {
    for (const name of names) await page.keyboard.press(name);
  };

export const FLOATS: readonly Float[] = [
  { name: 'the palette', path: '/', open: press('Control+k') },
  { name: 'the keys', path: '/metrics', open: press('?') },
  { name: 'the range', path: '/', open: press('t') },
  { name: 'a problem beside the list', path: `/problems?open=${fixedId('prob', 1)}` },
  { name: 'a downtime', path: INCIDENT, open: press('d') },
  { name: 'a hand-over note', path: INCIDENT, open: press('h') },
  { name: 'the menu of a problem', path: '/problems', shown: '[role="menu"]', open: keys('j', '.') },
  {
    name: 'the actions on problems',
    path: '/problems',
    shown: 'text=2 selected',
    open: keys('j', 'Space', 'Shift+ArrowDown'),
  },
  { name: 'an asset beside the list', path: `/assets?open=${DB_HOST}` },
  { name: 'columns and export', path: '/assets', shown: '[role="menu"]', open: click('button', /^Columns and export/) },
  { name: 'an event beside the list', path: `/events?open=${fixedId('event', 999_999)}` },
  { name: 'a flow beside the list', path: `/flows?view=records&open=${fixedId('flow', 999_999)}` },
  { name: 'a check beside the list', path: `/checks?open=${fixedId('check', 0)}` },
  { name: 'a new check', path: '/checks?new=1' },
  { name: 'a check to be deleted', path: `/checks/${fixedId('check', 0)}`, open: click('button', 'Delete') },
  { name: 'a new scan', path: '/scans?new=1' },
  { name: 'a theme to choose', path: '/settings/account', shown: '[role="listbox"]', open: click('combobox', 'Theme') },
  { name: 'a new user', path: '/settings/access', open: click('button', 'Add a user') },
  { name: 'a new token', path: '/settings/access', open: click('button', 'Make a token') },
  { name: 'a new contact', path: '/settings/notifications', open: click('button', 'Add a contact') },
  { name: 'a new route', path: '/settings/notifications', open: click('button', 'Add a route') },
];
