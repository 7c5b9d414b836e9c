/**
 * How a worker proves that it holds its token, without sending it. The server opens with a random
 * nonce; the worker answers with HMAC-SHA256(token, proofText). Both nonces are in the text, so a
 * proof is good for one connection, and so are the names, so it is good for one worker of one run. The
 * version is, so nobody in between can talk the ends down to an older one; and the certificate is that
 * each end sees, so a proof that was given to somebody in between is worth nothing.
 * The hosts compute the HMAC: the core knows no cryptography.
 */
import { SUBPROTOCOL } from './messages.ts';

export interface ProofParts {
  protocol: number;
  run: string;
  worker: string;
  serverNonce: string;
  clientNonce: string;
  /** Fingerprint of the certificate that the connection is protected by; empty without TLS. */
  certificate: string;
}

/** The text that is signed. JSON, so that no two sets of parts give the same text. */
export function proofText({ protocol, run, worker, serverNonce, clientNonce, certificate }: ProofParts): string {
  return JSON.stringify([SUBPROTOCOL, protocol, run, worker, serverNonce, clientNonce, certificate]);
}
