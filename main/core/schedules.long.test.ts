/** Random schedules with random faults, hundreds of seeds for each policy: every invariant holds, and training goes on after. */
import { randomSchedules } from './schedules.contract.ts';

randomSchedules(300);
