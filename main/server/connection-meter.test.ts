import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../core/accounting.ts';
import { ConnectionMeter, UNKNOWN_WORKER } from './connection-meter.ts';

/** A socket's counters, moved by hand. */
function metered() {
  const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 };
  const ledger = new Ledger();
  const meter = new ConnectionMeter(socket as Socket, ledger);
  const write = (category: 'model' | 'data' | 'control', bytes: number): void =>
    meter.writing(category, () => {
      socket.bytesWritten += bytes;
      socket.writableLength += bytes;
    });
  return { socket, ledger, meter, write };
}

describe('the bytes of a connection', () => {
  it('belong to nobody until the worker is known, and then all of them to the worker', () => {
    const { socket, ledger, meter } = metered();
    socket.bytesRead = 250;
    meter.upgraded(50);
    expect(ledger.total().control).toBe(0);
    meter.assign('w');
    expect(ledger.ofWorker('w').control).toBe(200);
  });

  it('of a stranger are counted under a name that no worker has', () => {
    const { socket, ledger, meter } = metered();
    socket.bytesRead = 70;
    socket.bytesWritten = 30;
    meter.finish();
    expect(ledger.snapshot()).toEqual({ [UNKNOWN_WORKER]: { model: 0, update: 0, data: 0, control: 100 } });
  });

  it('are counted when they have left, those between messages as control', () => {
    const { socket, ledger, meter, write } = metered();
    meter.assign('w');
    socket.bytesWritten = 100; // the upgrade
    write('model', 1000);
    socket.bytesWritten += 6; // a ping, behind the model
    socket.writableLength += 6;
    write('data', 500);
    meter.settle();
    expect(ledger.total()).toEqual({ model: 0, update: 0, data: 0, control: 100 });
    socket.writableLength = 500;
    meter.settle();
    expect(ledger.total()).toEqual({ model: 1000, update: 0, data: 0, control: 106 });
    socket.writableLength = 0;
    meter.settle();
    expect(ledger.total()).toEqual({ model: 1000, update: 0, data: 500, control: 106 });
  });

  it('of a message that left in parts are that message’s, and the rest of it is not counted', () => {
    const { socket, ledger, meter, write } = metered();
    meter.assign('w');
    write('model', 1000);
    socket.writableLength = 400;
    meter.settle();
    socket.writableLength = 300;
    meter.settle();
    expect(ledger.total().model).toBe(700);
    socket.bytesWritten = 800; // the socket was closed with the rest in its queue
    meter.finish();
    expect(ledger.total()).toEqual({ model: 800, update: 0, data: 0, control: 0 });
  });

  it('under TLS are those of the wire: what it adds is control, told late but never wrong', () => {
    const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 };
    const wire = { bytesRead: 0, bytesWritten: 0 };
    const ledger = new Ledger();
    const meter = new ConnectionMeter(socket as Socket, ledger, wire as Socket);
    meter.assign('w');
    Object.assign(wire, { bytesRead: 300, bytesWritten: 900 }); // the handshake
    meter.settle();
    expect(ledger.total().control).toBe(900);
    meter.writing('model', () => Object.assign(socket, { bytesWritten: 1000, writableLength: 1000 }));
    wire.bytesWritten = 1400; // half of it is encrypted and on its way
    meter.settle();
    expect(ledger.total()).toEqual({ model: 0, update: 0, data: 0, control: 900 });
    socket.writableLength = 0;
    wire.bytesWritten = 1922;
    meter.settle();
    expect(ledger.total()).toEqual({ model: 1000, update: 0, data: 0, control: 922 });
    Object.assign(socket, { bytesRead: 608 });
    wire.bytesRead = 930;
    meter.received('update', 600);
    meter.finish();
    expect(ledger.total()).toEqual({ model: 1000, update: 608, data: 0, control: 922 + 322 });
  });

  it('under TLS that never left because the connection was cut are not counted', () => {
    const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0 };
    const wire = { bytesRead: 0, bytesWritten: 0 };
    const ledger = new Ledger();
    const meter = new ConnectionMeter(socket as Socket, ledger, wire as Socket);
    meter.assign('w');
    meter.writing('model', () => Object.assign(socket, { bytesWritten: 1000, writableLength: 1000 }));
    wire.bytesWritten = 400;
    meter.finish();
    expect(ledger.total()).toEqual({ model: 400, update: 0, data: 0, control: 0 });
  });

  it('read and in no message are control, once the connection is over', () => {
    const { socket, ledger, meter } = metered();
    meter.assign('w');
    socket.bytesRead = 1000;
    meter.received('update', 600); // and 8 of framing
    expect(ledger.total()).toEqual({ model: 0, update: 608, data: 0, control: 0 });
    meter.finish();
    meter.finish();
    meter.received('update', 600);
    expect(ledger.total()).toEqual({ model: 0, update: 608, data: 0, control: 392 });
  });
});
