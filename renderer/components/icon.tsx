/** The drawings the window uses, on a 16 px square, in the colour of the text around them. */

const PATHS = {
  devices: 'M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3',
  experiment: 'M6 2.5h4M6.5 2.5v4L3 12.7c-.3.6.1 1.3.8 1.3h8.4c.7 0 1.1-.7.8-1.3L9.5 6.5v-4M5 10h6',
  runs: 'M2 12.5l3.2-5 2.6 3L11 4.5l3 4.5',
  compare: 'M3 13.5v-6M6.5 13.5v-10M10 13.5V9M13.5 13.5V5.5',
  simulate: 'M8 2.5l5 2.8v5.4L8 13.5l-5-2.8V5.3zM3 5.3l5 2.9 5-2.9M8 8.2v5.3',
  settings: 'M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.5v3M6 9.5v3',
  plus: 'M8 3v10M3 8h10',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.5M8 11.8v.2',
  question: 'M5.7 6a2.3 2.3 0 1 1 3.4 2c-.7.4-1.1.8-1.1 1.6M8 12v.2',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.4v3.4M8 5.2v.1',
  dot: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  ring: 'M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5l7 4.5-7 4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  more: 'M3.5 8h.1M8 8h.1M12.5 8h.1',
  down: 'M4 6l4 4 4-4',
  up: 'M4 10l4-4 4 4',
  right: 'M6 4l4 4-4 4',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5',
  offline: 'M2 2l12 12M4 8a6 6 0 0 1 2-1.5M12.5 8.2A6 6 0 0 0 9 6.1M6 10.5a3 3 0 0 1 3.5-.5M8 13v.1',
  key: 'M10.5 3a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8.6 7.8L3 13.4M5 11.5l1.5 1.5',
  download: 'M8 2.5v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  upload: 'M8 10.5v-8M4.5 6L8 2.5 11.5 6M3 13.5h10',
  trash: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.7 9h5.6l.7-9',
  refresh: 'M13 5.5A5.5 5.5 0 1 0 13.5 9M13.5 2.5v3.2h-3.2',
  list: 'M3 4.5h10M3 8h10M3 11.5h10',
  network:
    'M8 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM3.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM12.5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM7.3 5.3l-3 5.4M8.7 5.3l3 5.4M5 12h6',
  chip: 'M4.5 4.5h7v7h-7zM6.5 2.5v2M9.5 2.5v2M6.5 11.5v2M9.5 11.5v2M2.5 6.5h2M2.5 9.5h2M11.5 6.5h2M11.5 9.5h2',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  drag: 'M6 4h.1M10 4h.1M6 8h.1M10 8h.1M6 12h.1M10 12h.1',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration unless `label` says what it stands for. */
export function Icon({ name, label, size = 16 }: { name: IconName; label?: string; size?: number }) {
  const heavy = name === 'more' || name === 'drag' || name === 'question';
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={name === 'dot' || name === 'play' || name === 'stop' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={heavy ? 1.9 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
