/** Devices that go off. */
import type { Fault } from './fault.ts';

/** The plug is pulled: every process is gone, nobody is told. Healed, the device boots: HOME is as it was. */
export const powerLost = (): Fault => async (device) => {
  await device.turnOff();
  return () => device.turnOn();
};
