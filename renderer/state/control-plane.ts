/** The window's one bridge, and the two ways it is used: ask something, follow something. */
import type {
  Answer,
  CallInput,
  CallName,
  CallOutput,
  ChannelName,
  ChannelParams,
  ChannelPayload,
  OutputFile,
} from '../../main/core/api.ts';
import type { ErrorReport } from '../../main/core/errors.ts';
import type { WindowBridge } from '../bridge.ts';
import { showFailure } from './toasts.ts';

let current: WindowBridge | undefined;

export function holdBridge(opened: WindowBridge): void {
  current = opened;
}

export function bridge(): WindowBridge {
  if (current === undefined) throw new Error('the bridge is not open yet');
  return current;
}

export function ask<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Answer<CallOutput<Name>>> {
  return bridge().call(name, input);
}

/** For what a button does: a failure is shown, and `undefined` comes back. */
export async function perform<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
): Promise<CallOutput<Name> | undefined> {
  const answer = await ask(name, input);
  if (answer.ok) return answer.value;
  showFailure(answer.error);
  return undefined;
}

/** Hands a file over to the user. False: it was not taken, and a failure was shown. */
export async function handOver(file: OutputFile): Promise<boolean> {
  const answer = await bridge().handOver(file);
  if (!answer.ok) showFailure(answer.error);
  return answer.ok && answer.value;
}

/**
 * Follows a channel for as long as it is wanted, over any number of connections. `refresh` is called at the
 * start and after each loss, for what was missed. Only a refusal ends it.
 */
export function follow<Name extends ChannelName>(
  name: Name,
  params: ChannelParams<Name>,
  onMessage: (payload: ChannelPayload<Name>) => void,
  options: { refresh?: () => void; onRefused?: (error: ErrorReport) => void } = {},
): () => void {
  let stop: (() => void) | undefined;
  const start = (): void => {
    stop = bridge().subscribe(name, params, onMessage, (error) => {
      if (error === undefined) start();
      else options.onRefused?.(error);
    });
    options.refresh?.();
  };
  start();
  return () => stop?.();
}
