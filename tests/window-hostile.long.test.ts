import { PAYLOADS } from './hostile-payloads.ts';
import { hostileReports } from './hostile-reports.contract.ts';
import { hostileTexts } from './hostile-texts.contract.ts';

hostileTexts(PAYLOADS, { lookMs: 400_000, axe: true });
hostileReports(PAYLOADS);
