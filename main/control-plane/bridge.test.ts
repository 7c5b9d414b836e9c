import type { BridgeReply } from '../core/bridge-messages.ts';
import { bridgeOver } from './bridge-client.fixture.ts';
import { describeBridge } from './bridge.contract.ts';
import { BridgeHost } from './bridge-host.ts';

describeBridge('in-process', async (desk) => {
  const client = bridgeOver((request) => connection.receive(JSON.parse(JSON.stringify(request))));
  const connection = new BridgeHost(desk).connect({
    send: (reply) => client.receive(JSON.parse(JSON.stringify(reply)) as BridgeReply),
    isCongested: () => false,
  });
  return { bridge: client.bridge, close: () => connection.close() };
});
