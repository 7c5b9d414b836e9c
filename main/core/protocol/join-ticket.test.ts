import { describe, expect, it } from 'vitest';
import { parseJoinTicket } from './join-ticket.ts';

const TICKET = { url: 'ws://127.0.0.1:1/', run: 'r', worker: 'w', token: 'secret-token' };
const QUOTA = { kind: 'cgroup', speed: 0.5, description: 'CPU quota 50 % of a core' };

describe('a join ticket', () => {
  it.each([
    ['only what it must hold', TICKET],
    ['everything it can', { ...TICKET, engine: 'wasm', batch: 16, throttle: QUOTA, retryForMs: 1 }],
    ['a certificate to pin', { ...TICKET, url: 'wss://192.0.2.1:1/', certificate: 'ab'.repeat(32) }],
    ['heartbeats of its own', { ...TICKET, heartbeat: { pingEveryMs: 1, deadAfterMs: 2 } }],
  ])('holds %s', (_name, ticket) => {
    expect(parseJoinTicket(JSON.stringify(ticket))).toEqual(ticket);
  });

  it.each([
    ['no token', { ...TICKET, token: undefined }],
    ['an empty worker', { ...TICKET, worker: '' }],
    ['another protocol', { ...TICKET, url: 'http://127.0.0.1/' }],
    ['TLS without a certificate to expect', { ...TICKET, url: 'wss://192.0.2.1:1/' }],
    ['a certificate without TLS', { ...TICKET, certificate: 'ab'.repeat(32) }],
    ['a fingerprint that is none', { ...TICKET, url: 'wss://192.0.2.1:1/', certificate: 'AB'.repeat(32) }],
    ['an unknown engine', { ...TICKET, engine: 'abacus' }],
    ['a speed of zero', { ...TICKET, throttle: { ...QUOTA, speed: 0 } }],
    ['an unknown field', { ...TICKET, extra: 1 }],
    ['no object', []],
  ])('is refused with %s, and the refusal does not repeat it', (_name, ticket) => {
    const parse = (): unknown => parseJoinTicket(JSON.stringify(ticket));
    expect(parse).toThrow(expect.objectContaining({ code: 'CAD-CONFIG' }));
    expect(parse).not.toThrow('secret');
  });
});
