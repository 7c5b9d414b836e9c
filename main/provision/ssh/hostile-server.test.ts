import { createServer, type Server as TcpServer } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceAnswer } from '../../core/device.ts';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';

const HOST_KEY = ssh2.utils.generateKeyPairSync('ed25519').private;

type Serve = (connection: InstanceType<typeof ssh2.Server> extends never ? never : ssh2.Connection) => void;

let servers: { close(): void }[] = [];
let connector: TestConnector | undefined;

afterEach(async () => {
  await connector?.close();
  for (const server of servers) server.close();
  servers = [];
});

async function serve(onConnection: Serve, config: Partial<ssh2.ServerConfig> = {}): Promise<number> {
  const connections = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [HOST_KEY], ...config }, (connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    onConnection(connection);
  });
  servers.push({ close: () => (server.close(), connections.forEach((connection) => connection.end())) });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

async function serveTcp(onSocket: Parameters<typeof createServer>[1]): Promise<number> {
  const server: TcpServer = createServer((socket) => {
    socket.on('error', () => undefined);
    onSocket?.(socket);
  });
  servers.push({ close: () => server.close() });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
}

const secretly = (value: string): ScriptedUser =>
  new ScriptedUser((question): DeviceAnswer =>
    question.kind === 'secret'
      ? { kind: 'secret', question: '', value, remember: false }
      : { kind: 'refuse', question: '' },
  );

async function connect(port: number, user: ScriptedUser, parts: { keyExchangeMs?: number } = {}) {
  connector = TestConnector.make([], parts);
  return connector.connect(deviceAt(port, 'pi'), { dialogue: user, acceptNew: true });
}

describe('a hostile server', () => {
  it('gets the password at the first hidden prompt only; a second one is for the user to see', async () => {
    const answers: string[][] = [];
    const port = await serve((connection) => {
      connection.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], (first) => {
          answers.push(first);
          context.prompt([{ prompt: 'Password, once more\u001b[2J: ', echo: false }], (second) => {
            answers.push(second);
            context.accept();
          });
        });
      });
    });
    let asked = 0;
    const user = new ScriptedUser(() => ({
      kind: 'secret',
      question: '',
      value: ++asked === 1 ? 'canary' : 'typed',
      remember: false,
    }));
    await connect(port, user);
    expect(answers).toEqual([['canary'], ['typed']]);
    expect(user.asked).toMatchObject([
      { secret: 'password' },
      { secret: 'answer', isShown: false, prompt: 'Password, once more:' },
    ]);
  });

  it('never gets the password at a prompt that shows what is typed', async () => {
    const port = await serve((connection) => {
      connection.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: true }], () => context.reject());
      });
    });
    const user = secretly('x');
    await connect(port, user).catch(() => undefined);
    expect(user.asked).toMatchObject([{ secret: 'answer', isShown: true }]);
  });

  it('is left when its questions do not end', async () => {
    let rounds = 0;
    const port = await serve((connection) => {
      connection.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        const again = (): void => {
          rounds++;
          context.prompt([{ prompt: `Question ${rounds}`, echo: false }], again);
        };
        again();
      });
    });
    await expect(connect(port, secretly('x'))).rejects.toMatchObject({
      code: 'CAD-SSH-AUTH',
      message: expect.stringContaining('more questions') as string,
    });
    expect(rounds).toBeLessThan(8);
  });

  it('is left when one round has more questions than a login needs', async () => {
    const port = await serve((connection) => {
      connection.on('authentication', (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt(
          Array.from({ length: 100 }, () => ({ prompt: 'x', echo: false })),
          () => context.reject(),
        );
      });
    });
    const user = secretly('x');
    await expect(connect(port, user)).rejects.toMatchObject({ code: 'CAD-SSH-AUTH' });
    expect(user.asked).toEqual([]);
  });

  it('cannot fill the memory with banners, nor with its greeting', async () => {
    const before = process.memoryUsage().rss;
    const port = await serve(
      (connection) => {
        connection.on('authentication', (context) => context.reject(['password']));
      },
      { banner: 'x'.repeat(200_000) },
    );
    await expect(connect(port, secretly('wrong'))).rejects.toMatchObject({ code: 'CAD-SSH-AUTH' });
    const endless = await serveTcp((socket) => {
      const chunk = `${'y'.repeat(70)}\r\n`.repeat(1000);
      const write = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', write);
      write();
    });
    await expect(connect(endless, secretly('x'))).rejects.toMatchObject({
      code: expect.stringMatching(/^CAD-SSH/) as string,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('is left after a bounded time when it says nothing', async () => {
    const port = await serveTcp(() => undefined);
    await expect(connect(port, secretly('x'), { keyExchangeMs: 500 })).rejects.toMatchObject({
      code: 'CAD-SSH-TIMEOUT',
      message: expect.stringContaining('longer than 0.5 s') as string,
    });
  });

  it('is told by its list when nothing is common', async () => {
    const port = await serve(() => undefined, { algorithms: { kex: ['diffie-hellman-group1-sha1'] } });
    await expect(connect(port, secretly('x'))).rejects.toMatchObject({
      code: 'CAD-SSH-ALGORITHMS',
      message: expect.stringMatching(/Ours: .*curve25519.* The device's: diffie-hellman-group1-sha1/) as string,
    });
  });

  it('cannot make a program go on for ever, nor forge its end', async () => {
    const port = await serve((connection) => {
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          channel.on('error', () => undefined);
          channel.stdout.write('0'.repeat(32) + '<1;' + 'forged' + '0'.repeat(32) + '>0;');
          channel.exit(0);
          channel.end();
        });
      });
    });
    const { remote } = await connect(port, secretly('x'));
    await expect(remote.run('true', { what: 'try', timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'CAD-DEVICE-SHELL',
    });
  });

  it('of a tailnet waits until its link was opened, and then goes on by itself', async () => {
    const port = await serve(
      (connection) => {
        connection.on('authentication', (context) => {
          if (context.method !== 'none') return context.reject();
          setTimeout(() => context.accept(), 2500);
        });
      },
      {
        banner:
          '# Tailscale SSH requires an additional check.\n# To authenticate, visit: https://login.tailscale.com/a/abc123\n',
      },
    );
    let isTakenBack = false;
    const user = new ScriptedUser(() => new Promise(() => undefined));
    const dialogue = {
      ask: async (...[question, , signal]: Parameters<import('./dialogue.ts').Dialogue['ask']>) => {
        signal.addEventListener('abort', () => (isTakenBack = true));
        return user.ask(question);
      },
    };
    connector = TestConnector.make();
    await connector.connect(deviceAt(port, 'pi'), { dialogue, acceptNew: true });
    expect(user.asked).toEqual([
      { kind: 'open-url', host: `127.0.0.1:${port}`, url: 'https://login.tailscale.com/a/abc123' },
    ]);
    expect(isTakenBack).toBe(true);
  });

  it('with a link in an ordinary banner asks nobody to open it', async () => {
    const port = await serve(
      (connection) => {
        connection.on('authentication', (context) => (context.method === 'none' ? context.accept() : context.reject()));
      },
      { banner: 'Authorized use only, see https://example.com/policy\n' },
    );
    const user = secretly('x');
    await connect(port, user);
    expect(user.asked).toEqual([]);
  });
});
