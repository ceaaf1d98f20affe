/** Short words after an act, with Undo for eight seconds. Errors do not come here: they stay where they happened. */
import { Toast as Base } from '@base-ui/react/toast';
import { useKeys } from '../app/keys.ts';
import { Button } from './button.tsx';
import styles from './toasts.module.css';

export const UNDO_MS = 8_000;

const manager = Base.createToastManager();
let lastUndo: { readonly id: string; readonly undo: () => void } | undefined;

export interface ToastOptions {
  readonly text: string;
  /** Takes the act back; offered for eight seconds and by Ctrl+Z. */
  readonly undo?: () => void | Promise<void>;
}

export function toast({ text, undo }: ToastOptions): void {
  const takeBack = () => {
    manager.close(id);
    lastUndo = undefined;
    void undo?.();
  };
  const id: string = manager.add({
    title: text,
    timeout: undo === undefined ? 4_000 : UNDO_MS,
    onClose: () => {
      if (lastUndo?.id === id) lastUndo = undefined;
    },
    ...(undo === undefined ? {} : { data: { undo: takeBack } }),
  });
  if (undo !== undefined) lastUndo = { id, undo: takeBack };
}

export function Toasts() {
  return (
    <Base.Provider toastManager={manager} limit={3}>
      <Base.Portal>
        <Base.Viewport className={styles['viewport']}>
          <List />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function List() {
  const { toasts } = Base.useToastManager<{ undo?: () => void }>();
  useKeys([
    {
      keys: 'Ctrl+z',
      label: 'Undo the last act',
      group: 'Everywhere',
      run: () => lastUndo?.undo(),
      when: () => lastUndo !== undefined,
    },
  ]);
  return toasts.map((item) => (
    <Base.Root key={item.id} toast={item} className={styles['toast']} swipeDirection={[]}>
      <Base.Content className={styles['content']}>
        <Base.Title render={<span />} />
        {item.data?.undo !== undefined && (
          <Button small keys="Ctrl+Z" onClick={item.data.undo}>
            Undo
          </Button>
        )}
      </Base.Content>
    </Base.Root>
  ));
}
