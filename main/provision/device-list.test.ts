import { describe, expect, it } from 'vitest';
import { parseDevice, parseDeviceList } from './device-list.ts';

const parse = (text: string) => parseDeviceList(text).map(({ input, where }) => parseDevice(input, where));

describe('a list of devices', () => {
  it('is JSON: an array, an object with devices, or addresses alone', () => {
    expect(parse('[{"address":"10.0.0.1","tags":["a"]},"10.0.0.2"]')).toMatchObject([
      { address: '10.0.0.1', port: 22, tags: ['a'], source: 'list' },
      { address: '10.0.0.2', source: 'list' },
    ]);
    expect(parse('{"devices":[{"address":"h","port":2222}]}')).toMatchObject([{ address: 'h', port: 2222 }]);
  });

  it('is CSV with a header, quoted cells, comments and empty lines', () => {
    const text =
      '\ufeffaddress,name,port,tags,jump,cpuPercent\r\n# my shelf\r\n10.0.0.1,"pi-4",2222,a;b,gate,50\r\n\r\n10.0.0.2,,,,,\r\n';
    expect(parse(text)).toMatchObject([
      { address: '10.0.0.1', name: 'pi-4', port: 2222, tags: ['a', 'b'], jump: ['gate'], caps: { cpuPercent: 50 } },
      { address: '10.0.0.2', port: 22, tags: [], caps: {} },
    ]);
  });

  it.each([
    ['address\n10.0.0.1\nbad host!\n', /^line 3: address: /],
    ['name,host\nx,y\n', /^line 1: the header has an unknown column "host"/],
    ['name\nx\n', /^line 1: the header has no column "address"/],
    ['address\n10.0.0.1,more\n', /^line 2: more cells/],
    ['address,name\n"10.0.0.1\n', /^line 2: a quoted cell/],
    ['address,port\nh,many\n', /^line 2: port: /],
    ['[\n {"address": "a"},\n {"address": "b", "colour": "red"}\n]', /^line 3: .*colour/],
    ['{"devices": [\n {"address": "a"},\n\n {"port": 1}\n]}', /^line 4: address: /],
    ['[{"address": "a"},\n oops]', /line 2: the list is not JSON|the list is not JSON/],
    ['[]', /no devices/],
  ])('names the line of a mistake: %j', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'CAD-DEVICE-INVALID', message: expect.stringMatching(message) as string }),
    );
  });

  it('takes no names that hide or turn their writing, no addresses that are options', () => {
    for (const name of ['a\u202eb', 'a\u200bb', 'a\u0000b', '\u001b[31m', '-rf', 'a b', '']) {
      expect(() => parseDevice({ address: 'h', name }), JSON.stringify(name)).toThrow();
    }
    expect(parseDevice({ address: 'h', name: ' \uff30\uff29-4 ' }).name).toBe('PI-4');
    for (const address of ['-oProxyCommand=x', '--help', '', 'a b', 'a;b', '$(id)']) {
      expect(() => parseDevice({ address }), address).toThrow();
    }
  });
});
