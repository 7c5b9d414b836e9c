/** How a step asks the user. Whoever shows devices implements it; a host without a person refuses everything. */
import type { DeviceAnswer, DeviceQuestion } from '../../core/device.ts';

/** The identifier is given by whoever keeps the questions. */
export type OpenQuestion = DeviceQuestion extends infer Q
  ? Q extends DeviceQuestion
    ? Omit<Q, 'question'>
    : never
  : never;

export interface Dialogue {
  /**
   * Resolves with the user's answer to this question, `refuse` among them.
   * @param boundMs an answer that comes later is none. @throws CAD-SSH-TIMEOUT then
   * @param signal takes the question back. @throws CAD-CANCELLED then
   */
  ask(question: OpenQuestion, boundMs: number, signal: AbortSignal): Promise<DeviceAnswer>;
}

/** For hosts where nobody answers: never hangs at a prompt that nobody sees. */
export const NOBODY: Dialogue = {
  ask: async () => ({ kind: 'refuse', question: '' }),
};
