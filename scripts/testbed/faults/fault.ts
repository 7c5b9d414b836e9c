/** Something that goes wrong on a device: a function that makes it so and answers with the one that ends it. */
import type { BedDevice } from '../device.ts';

export type Heal = () => Promise<void>;
export type Fault = (device: BedDevice) => Promise<Heal>;

/** Several at once, in order; healed in the opposite order. */
export function together(...faults: readonly Fault[]): Fault {
  return async (device) => {
    const heals: Heal[] = [];
    const healAll: Heal = async () => {
      for (let heal = heals.pop(); heal; heal = heals.pop()) await heal();
    };
    try {
      for (const fault of faults) heals.push(await fault(device));
    } catch (error) {
      await healAll();
      throw error;
    }
    return healAll;
  };
}
