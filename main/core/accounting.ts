/**
 * Bytes: sent, by category and direction, and saved, against a named counterfactual.
 *
 * Every byte on a worker's socket belongs to one category. Message frames are counted with their
 * WebSocket framing when they leave; what the socket moved beyond them (the upgrade, pings, pongs,
 * close frames) is control. So the categories add up to what an outside observer counts.
 */
import { type Encoding, encodedBytes } from './compression/encoding.ts';
import { PREAMBLE_BYTES } from './protocol/codec.ts';
import type { Category } from './protocol/messages.ts';

export type Direction = 'up' | 'down';

/** Bytes by category. `model` goes down, `update` up, `data` and `control` both ways. */
export type Traffic = Record<Category, number>;

export function noTraffic(): Traffic {
  return { model: 0, update: 0, data: 0, control: 0 };
}

/** WebSocket framing of one unfragmented message (RFC 6455, 5.2); frames from the client are masked. */
export function framingBytes(messageBytes: number, direction: Direction): number {
  const length = messageBytes < 126 ? 2 : messageBytes < 65_536 ? 4 : 10;
  return length + (direction === 'up' ? 4 : 0);
}

/** The bytes of one worker, and of all. */
export class Ledger {
  readonly #workers = new Map<string, Traffic>();
  readonly #total = noTraffic();

  count(worker: string, category: Category, bytes: number): void {
    let traffic = this.#workers.get(worker);
    if (traffic === undefined) {
      traffic = noTraffic();
      this.#workers.set(worker, traffic);
    }
    traffic[category] += bytes;
    this.#total[category] += bytes;
  }

  ofWorker(worker: string): Traffic {
    return { ...(this.#workers.get(worker) ?? noTraffic()) };
  }

  total(): Traffic {
    return { ...this.#total };
  }

  snapshot(): Record<string, Traffic> {
    return Object.fromEntries([...this.#workers].map(([worker, traffic]) => [worker, { ...traffic }]));
  }

  restore(snapshot: Record<string, Traffic>): void {
    for (const [worker, traffic] of Object.entries(snapshot)) {
      for (const category of Object.keys(traffic) as Category[]) this.count(worker, category, traffic[category]);
    }
  }
}

export const COUNTERFACTUAL = 'BSP in float32, one push and one pull per local iteration';

/**
 * What `iterations` local iterations would have cost under the counterfactual: payload and framing
 * of a push and a pull each. JSON headers and control are left out, which favours the counterfactual.
 */
export function counterfactualBytes(iterations: number, parameters: number): number {
  return iterations * (modelBytes('f32', parameters, 'up') + modelBytes('f32', parameters, 'down'));
}

/** One model or update on the wire without its JSON header. */
export function modelBytes(encoding: Encoding, parameters: number, direction: Direction): number {
  const message = PREAMBLE_BYTES + encodedBytes(encoding, parameters);
  return message + framingBytes(message, direction);
}

export interface ByteReport {
  /** Updates, worker to server. */
  up: number;
  /** Models, server to worker. */
  down: number;
  /** Training rows and the requests for them. */
  data: number;
  /** All else: orders, reports, handshakes, heartbeats. */
  control: number;
  counterfactual: number;
  /** 100 × (1 − (up + down + control) / counterfactual); data is the same on both sides. Null without iterations. */
  savedPercent: number | null;
}

export function reportBytes(traffic: Traffic, iterations: number, parameters: number): ByteReport {
  const counterfactual = counterfactualBytes(iterations, parameters);
  const spent = traffic.update + traffic.model + traffic.control;
  return {
    up: traffic.update,
    down: traffic.model,
    data: traffic.data,
    control: traffic.control,
    counterfactual,
    savedPercent: counterfactual === 0 ? null : 100 * (1 - spent / counterfactual),
  };
}
