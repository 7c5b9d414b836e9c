/** One hostile text in twelve; all of them are in `window-hostile.long.test.ts`. */
import { PAYLOADS } from './hostile-payloads.ts';
import { hostileReports } from './hostile-reports.contract.ts';
import { hostileTexts } from './hostile-texts.contract.ts';

const SOME = PAYLOADS.filter((_, index) => index % 12 === 0);

hostileTexts(SOME, { lookMs: 120_000, axe: false });
hostileReports(SOME);
