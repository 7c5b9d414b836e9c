/** The screens there are: their place in the rail, their address, and the code that is loaded when they are shown. */
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { IconName } from '../components/icon.tsx';

export interface ScreenEntry {
  /** First part of the address. */
  id: string;
  title: string;
  icon: IconName;
  /** After `G`. */
  key: string;
  foot?: boolean;
  component: LazyExoticComponent<ComponentType>;
  load: () => Promise<unknown>;
}

function screen(
  entry: Omit<ScreenEntry, 'component' | 'load'>,
  load: () => Promise<{ default: ComponentType }>,
): ScreenEntry {
  return { ...entry, load, component: lazy(load) };
}

export const SCREENS: readonly ScreenEntry[] = [
  screen({ id: 'devices', title: 'Devices', icon: 'devices', key: 'D' }, () => import('../views/devices/devices.tsx')),
  screen(
    { id: 'experiment', title: 'Experiment', icon: 'experiment', key: 'E' },
    () => import('../views/experiment/experiment.tsx'),
  ),
  screen({ id: 'runs', title: 'Runs', icon: 'runs', key: 'R' }, () => import('../views/runs/runs.tsx')),
  screen({ id: 'compare', title: 'Compare', icon: 'compare', key: 'C' }, () => import('../views/compare/compare.tsx')),
  screen(
    { id: 'simulate', title: 'Simulate', icon: 'simulate', key: 'M' },
    () => import('../views/simulate/simulate.tsx'),
  ),
  screen(
    { id: 'settings', title: 'Settings', icon: 'settings', key: 'S', foot: true },
    () => import('../views/settings/settings.tsx'),
  ),
];
