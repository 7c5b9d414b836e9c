/** A part of a screen that can fail on its own: the rest goes on. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { ErrorNotice } from '../components/notice.tsx';

interface PaneProps {
  /** What this part shows, for the message: `the list of devices`. */
  name: string;
  children: ReactNode;
}

export class Pane extends Component<PaneProps, { failed: Error | null }> {
  override state: { failed: Error | null } = { failed: null };

  static getDerivedStateFromError(thrown: unknown): { failed: Error } {
    return { failed: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override componentDidCatch(thrown: Error, info: ErrorInfo): void {
    console.error(`${this.props.name} could not be shown`, thrown, info.componentStack);
  }

  override render(): ReactNode {
    const { failed } = this.state;
    if (failed === null) return this.props.children;
    return (
      <ErrorNotice
        title={`A mistake of ours: ${this.props.name} could not be shown`}
        error={{
          code: 'CAD-INTERNAL',
          message: failed.message,
          remedy: 'Show it again. Training is not touched by this; it goes on.',
        }}
        actions={
          <Button size="small" onClick={() => this.setState({ failed: null })}>
            Show again
          </Button>
        }
      />
    );
  }
}
