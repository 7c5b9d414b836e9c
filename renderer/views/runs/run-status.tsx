import type { RunListItem } from '../../../main/core/api.ts';
import type { IconName } from '../../components/icon.tsx';
import { StatusDot, type Tone } from '../../components/status-dot.tsx';

const STATES: { readonly [S in RunListItem['status']]: { tone: Tone; icon: IconName; word: string } } = {
  running: { tone: 'busy', icon: 'play', word: 'training' },
  paused: { tone: 'warn', icon: 'pause', word: 'paused' },
  completed: { tone: 'good', icon: 'check', word: 'completed' },
  interrupted: { tone: 'warn', icon: 'stop', word: 'interrupted' },
  failed: { tone: 'bad', icon: 'cross', word: 'failed' },
};

/** Icon, word and colour; a failure says what it was. */
export function RunStatusDot({ item }: { item: Pick<RunListItem, 'status' | 'live' | 'startedAt' | 'error'> }) {
  const { status, live, startedAt, error } = item;
  const look = STATES[status];
  const word = status === 'running' && live && startedAt === null ? 'waiting for workers' : look.word;
  const detail = status === 'running' && !live ? 'elsewhere' : status === 'failed' ? error?.code : undefined;
  return <StatusDot {...look} word={word} live={status === 'running' && live} detail={detail} />;
}
