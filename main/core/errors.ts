/**
 * The world's failures: bad input, a lost file, a port in use. Each has a stable code, says what
 * happened and what to do next, and is caught once, at the boundary (command line, IPC, HTTP).
 * Our own mistakes are `assert`s, never one of these.
 */

/** Every code there is, with what it means. Codes are public: renaming one breaks scripts. */
export const ERROR_CODES = {
  'CAD-USAGE': 'The command line could not be understood',
  'CAD-CONFIG': 'A run setting is missing, out of range or of the wrong kind',
  'CAD-POLICY-UNKNOWN': 'No synchronization policy has this name',
  'CAD-POLICY-OPTION': 'A policy option is unknown or out of its range',
  'CAD-CLUSTER': 'A cluster file is missing, or a figure in it is out of range or contradicts another',
  'CAD-MODEL-UNKNOWN': 'No model has this name',
  'CAD-DATASET-UNKNOWN': 'No data set has this name',
  'CAD-DATASET-MISSING': 'A file of the data set was not found',
  'CAD-DATASET-CORRUPT': 'A file of the data set is truncated or contradicts its own header',
  'CAD-ENGINE': 'No engine on this machine can train this model',
  'CAD-PORT-IN-USE': 'The port asked for belongs to another program',
  'CAD-LISTEN': 'The server could not listen on the address asked for',
  'CAD-HOME-READONLY': 'The data directory cannot be written',
  'CAD-STORE-CORRUPT': 'The run database cannot be read',
  'CAD-RUN-UNKNOWN': 'No run has this identifier',
  'CAD-RUN-UNFINISHED': 'The run has no result yet',
  'CAD-CHECKPOINT-CORRUPT': 'A checkpoint is damaged or belongs to another model',
  'CAD-PROTOCOL': 'A message breaks the wire protocol',
  'CAD-AUTH': 'A worker could not prove that it holds its token',
  'CAD-WORKERS-LOST': 'No worker is left and none came back in time',
  'CAD-WORKER-START': 'A worker process could not be started',
  'CAD-DEVICE-UNKNOWN': 'No device has this name or identifier',
  'CAD-DEVICE-INVALID': 'A device is described with a field that is missing, unknown or out of range',
  'CAD-DEVICE-EXISTS': 'A device with this address and port is in the inventory already',
  'CAD-DEVICE-BUSY': 'The device is being deployed to or trains',
  'CAD-TAILNET': 'Tailscale is not there, not running or not logged in',
  'CAD-SSH-CONFIG': 'The ssh configuration cannot be read',
  'CAD-SSH-RESOLVE': 'The address has no machine behind it that the name service knows',
  'CAD-SSH-REACH': 'Nothing answers at the address and port',
  'CAD-SSH-HOST-KEY': 'The device could not show a host key that is trusted',
  'CAD-SSH-HOST-KEY-CHANGED': 'The device shows another host key than the trusted one',
  'CAD-SSH-ALGORITHMS': 'The device and the controller have no common algorithm',
  'CAD-SSH-AUTH': 'The device accepted none of the ways to authenticate',
  'CAD-SSH-LOST': 'The connection to the device ended before the work was done',
  'CAD-SSH-TIMEOUT': 'A step on the device took longer than its bound',
  'CAD-DEVICE-SYSTEM': 'The device has a system or an architecture that is not supported',
  'CAD-DEVICE-DISK': 'The device has no room or no writable place for the agent',
  'CAD-DEVICE-NOEXEC': 'The place on the device does not allow programs to run',
  'CAD-DEVICE-SHELL': 'The login shell of the device does not run commands',
  'CAD-DEVICE-TAMPERED': 'A file on the device is not the one that was sent',
  'CAD-DEVICE-PREVIOUS': 'The device has no earlier version of the agent to go back to',
  'CAD-DEVICE-COMMAND': 'A command on the device failed',
  'CAD-RUNTIME': 'The runtime for the device could not be fetched or is damaged',
  'CAD-TUNNEL': 'The device can neither reach the server nor be given a tunnel',
  'CAD-CALL': 'The window asked for what is not offered, or with a value out of range',
  'CAD-BUSY': 'Too much of this kind is going on at once',
  'CAD-JOB-UNKNOWN': 'No job has this identifier',
  'CAD-FILE-UNKNOWN': 'No file was made under this identifier, or it is gone',
  'CAD-EXPERIMENT-UNKNOWN': 'No saved experiment has this identifier',
  'CAD-RUN-NOT-LIVE': 'The run is not being trained by this program',
  'CAD-WINDOW-BUILD': 'The window could not be built or is not there',
  'CAD-CANCELLED': 'The work was cancelled by its user',
  'CAD-SIMULATION': 'The process that simulates ended before its work was done',
  'CAD-DIVERGED': 'The model stopped being a finite number',
  'CAD-OUTPUT': 'A file could not be written',
  'CAD-TESTBED-HOST': 'This host cannot carry the test bed',
  'CAD-TESTBED-UP': 'A test bed is up already',
  'CAD-TESTBED-DOWN': 'No test bed is up',
  'CAD-TESTBED-COMMAND': 'A system command of the test bed failed',
  'CAD-DISCONNECTED': 'The window lost its connection to the control plane',
  'CAD-INTERRUPTED': 'The run was stopped by its user',
  'CAD-INTERNAL': 'A mistake in Caduceus itself',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class CaduceusError extends Error {
  readonly code: ErrorCode;
  /** One sentence in the imperative: what the reader can do about it. */
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CaduceusError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** The public shape of a failure, as printed by `--json` and sent over every bridge. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  remedy: string;
}

/** Turns anything thrown into the public shape; what is not ours to explain is CAD-INTERNAL. */
export function reportError(thrown: unknown): ErrorReport {
  if (thrown instanceof CaduceusError) {
    return { code: thrown.code, message: thrown.message, remedy: thrown.remedy };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'CAD-INTERNAL',
    message,
    remedy: 'Run again with --verbose and report the trace it prints.',
  };
}
