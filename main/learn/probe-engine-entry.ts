/** A program that does nothing but probe: for hosts that run from the source tree. */
import { runEngineProbe } from './probe-engine.ts';

await runEngineProbe();
