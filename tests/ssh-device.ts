/** A device for tests: a private sshd with one user, and the way to it. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { CaduceusError } from '../main/core/errors.ts';
import { deviceInputSchema, type DeviceSettings } from '../main/core/device.ts';
import type { ConnectionLease, Connector } from '../main/provision/ssh/connector.ts';
import { handshake } from '../main/provision/ssh/handshake.ts';
import { type Sshd, startSshd, type SshdOptions } from '../main/provision/ssh/sshd.fixture.ts';

export interface SshDevice {
  sshd: Sshd;
  connector: Connector;
  settings: DeviceSettings;
  home: string;
  stop(): Promise<void>;
}

export async function startDevice(options: SshdOptions = {}): Promise<SshDevice> {
  const sshd = await startSshd({ users: [{ name: 'worker' }], ...options });
  const user = options.users?.[0]?.name ?? 'worker';
  return {
    sshd,
    connector: keyConnector(sshd.keyFile, user),
    settings: deviceInputSchema.parse({ name: 'device', address: '127.0.0.1', port: sshd.port, user }),
    home: sshd.home(user),
    stop: () => sshd.stop(),
  };
}

/** A connection of its own each time. */
function keyConnector(keyFile: string, user: string): Connector {
  return {
    async connect(device, { onStage, signal }): Promise<ConnectionLease> {
      onStage?.('resolve');
      onStage?.('reach');
      const stream = connect(device.port, device.address);
      await new Promise((resolve, reject) => stream.once('connect', resolve).once('error', reject));
      onStage?.('host-key');
      const hop = { host: device.address, port: device.port, user, keyFiles: [], identitiesOnly: false };
      let isTried = false;
      const remote = await handshake(stream, hop, {
        verify: () => undefined,
        async next() {
          if (isTried) return false;
          isTried = true;
          onStage?.('authenticate');
          return { type: 'publickey', username: user, key: readFileSync(keyFile) };
        },
        refusal: (cause) => new CaduceusError('CAD-SSH-AUTH', cause.message, ''),
      });
      if (signal?.aborted) throw new CaduceusError('CAD-CANCELLED', 'cancelled', '');
      return { remote, release: () => remote.close() };
    },
    close: async () => undefined,
  };
}
