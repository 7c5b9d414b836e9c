/** How a device of the inventory becomes a `Remote`. */
import type { DeployStep, DeviceSettings } from '../../core/device.ts';
import type { Dialogue } from './dialogue.ts';
import type { Remote } from './remote.ts';

/** The steps of a deployment that connecting goes through, in this order. */
export type ConnectStage = Extract<DeployStep, 'resolve' | 'reach' | 'host-key' | 'authenticate'>;

export interface ConnectOptions {
  dialogue: Dialogue;
  /** First contacts are trusted without asking; changed keys never are. */
  acceptNew?: boolean;
  /** Never one that is there already: its host key was seen when it began, and may be another now. */
  isNew?: boolean;
  signal?: AbortSignal;
  /**
   * A stage began, or more is known of the one under way: `port 22, OpenSSH 9.6`. With jump hosts the stages of all
   * hops are told as one. A connection that is there already passes through all of them at once.
   */
  onStage?: (stage: ConnectStage, detail?: string) => void;
}

/** What connecting needs to know of a device. */
export type ConnectDevice = Pick<DeviceSettings, 'address' | 'port' | 'isPortSaid' | 'user' | 'keyFile' | 'jump'>;

export interface Connector {
  /**
   * A connection to the device, shared by everybody who asks for the same one; whoever asked gives it back with
   * `release`, and the last closes it.
   * @throws CAD-SSH-RESOLVE, CAD-SSH-REACH, CAD-SSH-HOST-KEY, CAD-SSH-HOST-KEY-CHANGED, CAD-SSH-ALGORITHMS,
   * CAD-SSH-AUTH, CAD-SSH-TIMEOUT, CAD-SSH-LOST, CAD-CANCELLED
   */
  connect(device: ConnectDevice, options: ConnectOptions): Promise<ConnectionLease>;
  /** Ends every connection. */
  close(): Promise<void>;
}

export interface ConnectionLease {
  readonly remote: Remote;
  /** Where it really is, after the ssh configuration: host keys are kept by this. */
  readonly endpoint?: { host: string; port: number };
  release(): Promise<void>;
}
