import { KeyList } from '../app/key-map.tsx';
import { Link } from '../app/link.tsx';
import { ALL_PAGES } from '../app/pages.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { PageHead, Section } from '../ui/section.tsx';
import styles from './help.module.css';

const QUERIES = [
  ['type:host', 'hosts'],
  ['port:22', 'what exposes that port'],
  ['seen:<1h', 'seen within the last hour'],
  ['type:port -present:true', 'ports that have closed'],
  ['"exact words"', 'in a name or an address'],
];

const RANGES = [
  ['2h', 'the last two hours, moving with the clock'],
  ['yesterday', 'the whole day'],
  ['mon 03:00-04:00', 'that hour of the last Monday'],
  ['2026-11-24T03:00Z/2026-11-24T04:00Z', 'ISO 8601'],
  ['1764000000', 'half an hour either side of an epoch'],
];

export function Page() {
  return (
    <>
      <PageHead
        title="Help"
        lead={
          <>
            Everything is reached by <Kbd keys="Ctrl+K" /> <span className="visually-hidden">Ctrl K</span> and a few
            letters. The address always says what you see: copy it to show it to somebody.
          </>
        }
      />
      <div className={styles['sections']}>
        <Section title="Pages" note="and what each answers">
          <dl className={styles['list']}>
            {ALL_PAGES.map((page) => (
              <div key={page.path}>
                <dt>
                  <Link to={page.path}>{page.label}</Link>
                </dt>
                <dd>
                  {page.answers}
                  {page.off && ' (not in this version yet)'}
                </dd>
              </div>
            ))}
          </dl>
        </Section>
        <Section title="Keys">
          <div className={styles['keys']}>
            <KeyList />
          </div>
        </Section>
        <Section title="Query line" note="on Assets and Events">
          <Words rows={QUERIES} />
        </Section>
        <Section title="Time range" note="typed into the control above">
          <Words rows={RANGES} />
        </Section>
        <Section title="On the command line">
          <div className={styles['commands']}>
            <CommandLine command="npx undercroft --help" />
            <CommandLine command="npx undercroft status" />
            <CommandLine command="npx undercroft login" />
          </div>
        </Section>
      </div>
    </>
  );
}

function Words({ rows }: { readonly rows: readonly (readonly string[])[] }) {
  return (
    <dl className={styles['list']}>
      {rows.map(([typed, means]) => (
        <div key={typed}>
          <dt>
            <code>{typed}</code>
          </dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  );
}
