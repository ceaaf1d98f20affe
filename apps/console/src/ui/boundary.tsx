import { Component, type ReactNode } from 'react';
import { ErrorState } from './states.tsx';

interface Props {
  /** What failed, as its title names it: "Coverage". */
  readonly what: string;
  readonly children?: ReactNode;
}

interface State {
  readonly error: Error | undefined;
  readonly sinceMs: number;
}

/** Keeps a failure where it happened: the rest of the page goes on. */
export class SectionBoundary extends Component<Props, State> {
  override state: State = { error: undefined, sinceMs: 0 };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)), sinceMs: Date.now() };
  }

  override render(): ReactNode {
    const { error, sinceMs } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <ErrorState
        what={this.props.what}
        error={error}
        sinceMs={sinceMs}
        retry={() => this.setState({ error: undefined, sinceMs: 0 })}
      />
    );
  }
}
