import { CommandLine } from '../ui/command-line.tsx';
import { Section } from '../ui/section.tsx';
import styles from './settings.module.css';

export function Backup() {
  return (
    <>
      <Section title="Take a backup" note="consistent while everything runs">
        <div className={styles['column']}>
          <p className={styles['text']}>
            Configuration, inventory, problems, users, events, metrics and files, in one archive. Run this where
            undercroft runs; it asks the running platform and stops nothing.
          </p>
          <CommandLine command="npx undercroft backup undercroft-backup.tar.gz" />
        </div>
      </Section>
      <Section title="Restore" note="into an empty folder">
        <div className={styles['column']}>
          <p className={styles['text']}>Stop undercroft first. What is in the folder now is never overwritten.</p>
          <CommandLine command="npx undercroft restore undercroft-backup.tar.gz --data ./restored" />
        </div>
      </Section>
    </>
  );
}
