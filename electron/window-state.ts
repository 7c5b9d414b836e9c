/** Where the window was, so that it opens there again; and on a screen that is still there. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowState {
  /** Absent before the window was ever moved: the system chooses. */
  bounds?: Rectangle;
  isMaximized: boolean;
}

export const SMALLEST = { width: 900, height: 600 };
export const FIRST = { width: 1280, height: 840 };
/** So much of the window must be on a screen for its title bar to be reached. */
const REACHABLE_PX = 80;

/** A file that is missing or damaged costs the place of a window, nothing else. */
export function readWindowState(file: string): WindowState {
  try {
    const { bounds, isMaximized } = JSON.parse(readFileSync(file, 'utf8')) as Partial<WindowState>;
    return { ...(isRectangle(bounds) && { bounds }), isMaximized: isMaximized === true };
  } catch {
    return { isMaximized: false };
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(`${file}.tmp`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  } catch {
    // Not worth a word to the user.
  }
}

/** The bounds, of at least the smallest size and no larger than the screen they are on; undefined off every screen. */
export function clampToScreens(bounds: Rectangle, screens: readonly Rectangle[]): Rectangle | undefined {
  const screen = screens
    .map((area) => ({ area, shared: overlap(bounds, area) }))
    .filter(({ shared }) => shared.width >= REACHABLE_PX && shared.height >= REACHABLE_PX)
    .sort((one, other) => size(other.shared) - size(one.shared))[0]?.area;
  if (screen === undefined) return undefined;
  const width = Math.min(Math.max(bounds.width, SMALLEST.width), Math.max(screen.width, SMALLEST.width));
  const height = Math.min(Math.max(bounds.height, SMALLEST.height), Math.max(screen.height, SMALLEST.height));
  const within = (place: number, length: number, from: number, room: number): number =>
    Math.max(from, Math.min(place, from + room - length));
  return {
    x: within(bounds.x, width, screen.x, screen.width),
    y: within(bounds.y, height, screen.y, screen.height),
    width,
    height,
  };
}

function overlap(one: Rectangle, other: Rectangle): { width: number; height: number } {
  const along = (a: number, aLength: number, b: number, bLength: number): number =>
    Math.max(0, Math.min(a + aLength, b + bLength) - Math.max(a, b));
  return {
    width: along(one.x, one.width, other.x, other.width),
    height: along(one.y, one.height, other.y, other.height),
  };
}

function size({ width, height }: { width: number; height: number }): number {
  return width * height;
}

function isRectangle(value: unknown): value is Rectangle {
  if (typeof value !== 'object' || value === null) return false;
  const sides = value as Record<string, unknown>;
  return ['x', 'y', 'width', 'height'].every((side) => Number.isSafeInteger(sides[side]));
}
