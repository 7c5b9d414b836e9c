/** The bridge over a real WebSocket of the browser host holds what every bridge holds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBridge } from '../main/control-plane/bridge.contract.ts';
import { WebHost } from '../main/web/web-host.ts';
import { openWindow } from './web-client.ts';

describeBridge('web', async (desk) => {
  const folder = mkdtempSync(join(tmpdir(), 'caduceus-window-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Window</title>\n');
  const host = await WebHost.start({ desk, folder, port: 0 });
  const { bridge, socket } = await openWindow(host.newAddress());
  return {
    bridge,
    async close() {
      socket.close();
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
