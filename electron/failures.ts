/** What is said when the program itself cannot go on, and how long anything waits for its end. */
import { CaduceusError } from '../main/core/errors.ts';

/** As text of an error box: what happened, why, what to do, and the code to look for. */
export function failureText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `Because: ${error.cause.message}` : undefined;
  const isOurs = error instanceof CaduceusError;
  const remedy = isOurs ? error.remedy : 'Start Caduceus again. When this comes back, report this text.';
  const code = isOurs ? error.code : 'CAD-INTERNAL';
  return [`${code}: ${message}`, cause, remedy].filter((part) => part !== undefined).join('\n\n');
}

/** Resolves with the promise or after so long, whichever is first; rejects as the promise does. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
