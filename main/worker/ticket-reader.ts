/**
 * Standard input: first one line with the join ticket, then silence until whoever started the agent
 * ends. Read from the network thread, so that the end is noticed while a step computes.
 */
import { createReadStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { CaduceusError } from '../core/errors.ts';
import { type JoinTicket, MAX_TICKET_BYTES, parseJoinTicket } from '../core/protocol/join-ticket.ts';

/** The ticket is written by a program that is already there. */
const TICKET_MS = 60_000;

/** `onEnd` is called when standard input ends after the ticket. @throws CAD-CONFIG without a valid ticket in time. */
export function readTicket(onEnd: () => void): Promise<JoinTicket> {
  return new Promise((resolve, reject) => {
    let text = '';
    let ticket: JoinTicket | undefined;
    const input = openStandardInput();
    const fail = (complaint: string): void => {
      reject(new CaduceusError('CAD-CONFIG', complaint, 'Let Caduceus start the agent: it writes the join ticket.'));
    };
    const tooLate = setTimeout(() => fail(`no join ticket came within ${TICKET_MS / 1000} s`), TICKET_MS);
    const end = (): void => {
      clearTimeout(tooLate);
      if (ticket) onEnd();
      else fail('standard input ended before the join ticket');
    };
    input.setEncoding('utf8');
    input.on('data', (part: string) => {
      if (ticket) return;
      text += part;
      const line = text.indexOf('\n');
      if (line < 0 && text.length <= MAX_TICKET_BYTES) return;
      clearTimeout(tooLate);
      try {
        ticket = parseJoinTicket(text.slice(0, line < 0 ? 0 : line));
        text = '';
        resolve(ticket);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    input.on('end', end);
    input.on('error', end);
  });
}

function openStandardInput(): Readable {
  try {
    return new Socket({ fd: 0, readable: true, writable: false });
  } catch {
    return createReadStream('', { fd: 0 }); // not a pipe: a file, or the null device
  }
}
