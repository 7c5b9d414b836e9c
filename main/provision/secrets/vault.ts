/** A place of the operating system that keeps secrets. The desktop shell has one; a headless host has none. */
export interface Vault {
  /** False when what it writes could be read by anybody who has the file: then nothing is kept. */
  canKeep(): Promise<boolean>;
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** Secrets last until the program ends. */
export const SESSION_ONLY: Vault = {
  canKeep: async () => false,
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => undefined,
};
