/**
 * The window's bridge over IPC. It runs in the sandbox, as one CommonJS file; what it exposes are five
 * functions of plain values, never a channel of the page's choice.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { IpcBridge } from './ipc-bridge.ts';

const bridge = new IpcBridge(ipcRenderer, crypto.getRandomValues(new Uint32Array(4)).join('-'));

contextBridge.exposeInMainWorld('caduceus', {
  call: bridge.call,
  subscribe: bridge.subscribe,
  handOver: bridge.handOver,
  choosePath: bridge.choosePath,
  onCommand: bridge.onCommand,
});
