/** Random schedules with random faults, a thousand seeds for each policy: every invariant holds, and training goes on after. */
import { randomSchedules } from './schedules.contract.ts';

randomSchedules(1000);
