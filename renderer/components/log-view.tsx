import { useEffect, useRef } from 'react';
import './copy-button.css';

const AT_END_PX = 24;

/** Lines of a log, newest last. Stays at the end while the reader is there; leaves them alone where they scrolled to. */
export function LogView({ label, lines }: { label: string; lines: readonly string[] }) {
  const ref = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const log = ref.current;
    if (log && atEnd.current) log.scrollTop = log.scrollHeight;
  }, [lines]);
  return (
    <pre
      ref={ref}
      className="log"
      tabIndex={0}
      aria-label={label}
      onScroll={({ currentTarget: log }) => {
        atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < AT_END_PX;
      }}
    >
      {lines.join('\n')}
    </pre>
  );
}
