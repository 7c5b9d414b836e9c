/** Whatever a device says of itself stays text: nothing of it becomes an element, an attribute or an address. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { DeviceView, StepProgress } from '../../../main/core/device.ts';
import { DevicePanel } from './device-panel.tsx';
import { DeviceTable } from './device-table.tsx';

const MARKUP = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe src=//e>',
];
const BREAKS = ['', '"', "'", '`', '">', "'>", '--></style>', ']]>', '</textarea>', '</pre></title>'];
const TAILS = ['', '&#x3c;b&#x3e;', '\u202e', '{{7*7}}', '${1}'];
/** 200 of them. */
const PAYLOADS = BREAKS.flatMap((before) =>
  MARKUP.flatMap((markup) => TAILS.map((tail) => `${before}${markup}${tail}`)),
);

/** Elements that are none of ours, and handlers as attributes, once the values of attributes are taken out. */
const ELEMENTS = /<(script|img|iframe|style|object|embed)\b|<svg\/|<[^>]*\son\w+=/i;
const skeleton = (markup: string): string => markup.replaceAll(/="[^"]*"/g, '=""');
const nothing = (): void => undefined;

function device(said: string): DeviceView {
  const step: StepProgress = { step: 'probe', state: 'failed', detail: said, log: [said, said] };
  return {
    ...{ id: said, name: said, address: said, port: 22, user: said, jump: [], tags: [said], caps: {}, source: 'list' },
    ...{ state: 'needs-you', addedAt: said, lastSeenAt: null, run: said, benchmark: null },
    trust: null,
    facts: { architecture: said, system: said, libc: said, model: said, sshServer: said, instructions: [said] },
    path: { kind: 'direct', reason: said },
    deployment: { version: said, directory: said, deployedAt: said, engine: said },
    steps: [{ ...step, error: { code: 'CAD-INTERNAL', message: said, remedy: said } }],
    question: { kind: 'open-url', question: said, host: said, url: `javascript:alert(1)//${said}` },
    error: null,
  };
}

describe(`${PAYLOADS.length} hostile words of a device`, () => {
  it('stay text in the inventory', () => {
    const devices = PAYLOADS.map(device);
    const props = { devices, selected: new Set<string>(), onSelect: nothing, active: null, onOpen: nothing };
    expect(skeleton(renderToStaticMarkup(createElement(DeviceTable, props)))).not.toMatch(ELEMENTS);
  });

  it('stay text in the panel, and an address that is no page is no link', () => {
    for (const said of PAYLOADS) {
      const props = { device: device(said), onClose: nothing, onEdit: nothing, onUninstall: nothing };
      const markup = renderToStaticMarkup(createElement(DevicePanel, props));
      expect(skeleton(markup)).not.toMatch(ELEMENTS);
      expect(markup).not.toMatch(/href="?javascript/i);
    }
  });
});
