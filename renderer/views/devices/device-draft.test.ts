import { describe, expect, it } from 'vitest';
import { EMPTY_DRAFT, parseAddress, readDraft } from './device-draft.ts';

describe('an address as people write it', () => {
  it.each([
    ['box', { address: 'box' }],
    ['pi@192.168.1.40', { user: 'pi', address: '192.168.1.40' }],
    ['pi@192.168.1.40:2222', { user: 'pi', address: '192.168.1.40', port: 2222 }],
    ['  box.shelf.ts.net:22 ', { address: 'box.shelf.ts.net', port: 22 }],
    ['[fd7a:115c::1]:2222', { address: 'fd7a:115c::1', port: 2222 }],
    ['pi@fd7a:115c::1', { user: 'pi', address: 'fd7a:115c::1' }],
    ['fd7a:115c::22', { address: 'fd7a:115c::22' }],
  ])('%s', (text, expected) => expect(parseAddress(text)).toEqual(expected));

  it.each(['', 'a b', 'user@', '@host', 'a@b@c'])('is not %j', (text) => expect(parseAddress(text)).toBeUndefined());
});

describe('a draft', () => {
  it('says which field is wrong, with its range', () => {
    const { errors } = readDraft({ ...EMPTY_DRAFT, address: 'box:99999', cpuPercent: '0', memoryMiB: 'much' });
    expect(errors).toEqual({
      address: 'A port is a number from 1 to 65535.',
      cpuPercent: 'A whole number from 1 to 6400.',
      memoryMiB: 'A whole number from 64 to 1048576.',
    });
  });

  it('leaves out what was not filled in', () => {
    const { input, errors } = readDraft({ ...EMPTY_DRAFT, address: 'pi@box', tags: 'shelf, slow' });
    expect(errors).toEqual({});
    expect(input).toEqual({ user: 'pi', address: 'box', jump: [], tags: ['shelf', 'slow'], caps: {} });
  });
});
