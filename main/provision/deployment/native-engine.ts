/**
 * The native engine, for devices that can install it: their own npm does. Nothing depends on it. What cannot be
 * installed, or does not train once it is, costs the engine and never the deployment.
 */
import { reportError } from '../../core/errors.ts';
import type { Remote } from '../ssh/remote.ts';
import { linesOf } from './device-failure.ts';
import { deviceProgram } from './device-program.ts';

/** The release that engines are tested against. */
const PACKAGE = '@tensorflow/tfjs-node@4.22.0';
/** Its library is some hundred megabytes, and a small device unpacks slowly. */
export const NATIVE_MS = 15 * 60_000;
const INSTALL_MS = NATIVE_MS - 30_000;

export interface NativeOutcome {
  isInstalled: boolean;
  /** Why not, in words. */
  reason?: string;
}

/** Never throws but when it was cancelled or the device is lost. @throws CAD-SSH-LOST, CAD-CANCELLED */
export async function installNative(remote: Remote, directory: string, signal: AbortSignal): Promise<NativeOutcome> {
  const what = 'install the native engine';
  try {
    const args = [directory, PACKAGE];
    linesOf(await remote.run(deviceProgram('native'), { args, what, timeoutMs: INSTALL_MS, signal }), what);
    return { isInstalled: true };
  } catch (error) {
    const { code, message } = reportError(error);
    if (code === 'CAD-SSH-LOST' || code === 'CAD-CANCELLED') throw error;
    return { isInstalled: false, reason: message };
  }
}
