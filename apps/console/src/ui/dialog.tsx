import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { TextField } from './field.tsx';
import { useReturnFocus } from './return-focus.ts';

export interface DialogProps {
  readonly open: boolean;
  onClose(): void;
  readonly title: string;
  readonly description?: ReactNode;
  /** Buttons at the end: the plain one first, the primary one last. */
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}

/** A modal question or short form. Escape and a press outside close it. Never over another. */
export function Dialog({ open, onClose, title, description, actions, wide = false, children }: DialogProps) {
  const finalFocus = useReturnFocus(open);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles['backdrop']} />
        <Base.Popup className={styles['popup']} finalFocus={finalFocus} data-modal data-wide={wide || undefined}>
          <div className={styles['header']}>
            <Base.Title className={styles['title']}>{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label="Close" />} />
          </div>
          {description !== undefined && (
            <Base.Description render={<div />} className={styles['description']}>
              {description}
            </Base.Description>
          )}
          {children}
          {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export interface ConfirmDialogProps {
  readonly open: boolean;
  onClose(): void;
  readonly title: string;
  readonly description: ReactNode;
  /** The verb: "Delete user". */
  readonly verb: string;
  /** When it cannot be undone: the name that has to be typed. */
  readonly typed?: string;
  onConfirm(): unknown;
  readonly busy?: boolean;
  readonly error?: string;
}

/** Asks before what cannot be undone, naming the thing. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onClose, title, description, verb, typed, onConfirm, busy = false, error } = props;
  const [text, setText] = useState('');
  useEffect(() => {
    if (!open) setText('');
  }, [open]);
  const ready = typed === undefined || text === typed;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      description={description}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="danger" disabled={!ready} busy={busy} onClick={() => void onConfirm()}>
            {verb}
          </Button>
        </>
      }
    >
      {typed !== undefined && (
        <TextField label={`Type ${typed} to confirm`} value={text} onChange={setText} autoComplete="off" mono />
      )}
      {error !== undefined && <p className={styles['failed']}>{error}</p>}
    </Dialog>
  );
}

export interface SidePanelProps {
  /** Open while true; pages keep it in the address as `?open=<id>`. */
  readonly open: boolean;
  onClose(): void;
  readonly title: ReactNode;
  /** Beside the title: a link to the whole page, buttons. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** Details beside the list, which stays usable. Escape closes it. */
export function SidePanel({ open, onClose, title, actions, children }: SidePanelProps) {
  const finalFocus = useReturnFocus(open);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()} modal={false} disablePointerDismissal>
      <Base.Portal>
        <Base.Popup className={styles['panel']} finalFocus={finalFocus}>
          <div className={styles['header']}>
            <Base.Title className={styles['title']}>{title}</Base.Title>
            <span className={styles['panelActions']}>
              {actions}
              <Base.Close render={<IconButton icon={X} label="Close" keys="Escape" />} />
            </span>
          </div>
          <div className={styles['panelBody']}>{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
