/** Ctrl-C: the first stops what is going on, a second one the program. */

/** One Ctrl-C can arrive twice: from the terminal, and from the program that started this one. */
const REPEAT_MS = 1000;
export const EXIT_INTERRUPTED = 130;

/** Ctrl-C, a polite kill, and the terminal's window closing. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `stop` at the first of these signals; the function it answers with takes the watch away. */
export function onInterrupt(stop: () => void): () => void {
  let interruptedMs: number | undefined;
  const interrupt = (): void => {
    const nowMs = performance.now();
    if (interruptedMs !== undefined && nowMs < interruptedMs + REPEAT_MS) return;
    if (interruptedMs !== undefined) process.exit(EXIT_INTERRUPTED);
    interruptedMs = nowMs;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return () => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  };
}
