/**
 * The globals that the core may use beyond the language itself. Each is a pure function of its
 * arguments, present in Node, browsers and Electron alike. Adding one here is a decision.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
declare function structuredClone<T>(value: T): T;
