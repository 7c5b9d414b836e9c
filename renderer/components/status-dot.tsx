import { Icon, type IconName } from './icon.tsx';
import './status-dot.css';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'neutral';

const ICONS: Record<Tone, IconName> = { good: 'check', warn: 'warning', bad: 'cross', busy: 'dot', neutral: 'ring' };

export interface StatusDotProps {
  tone: Tone;
  /** Always there: colour alone says nothing to many. */
  word: string;
  icon?: IconName;
  /** Something is going on right now. */
  live?: boolean;
  detail?: string | undefined;
}

/** A state: icon, word and colour together. */
export function StatusDot({ tone, word, icon = ICONS[tone], live = false, detail }: StatusDotProps) {
  return (
    <span className={`status tone-${tone}`} data-live={live || undefined}>
      <Icon name={icon} size={14} />
      <span className="status-word">{word}</span>
      {detail !== undefined && <span className="status-detail">{detail}</span>}
    </span>
  );
}
