import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const binary = process.env['YODEL_BINARY'] ?? resolve(import.meta.dirname, '../../target/release/yodel');

/** One `yodel` on a free port, with an empty data folder of its own. */
export class Server {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts the binary with these flags and waits until it prints its address. */
  static async start(flags: readonly string[]): Promise<Server> {
    expectBinary();
    const folder = await mkdtemp(join(tmpdir(), 'yodel-'));
    const child = spawn(binary, ['--addr', '127.0.0.1:0', '--data', join(folder, 'data'), ...flags], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const url = await new Promise<string>((found, failed) => {
      let said = '';
      const read = (chunk: Buffer): void => {
        said += chunk.toString();
        const url = /http:\/\/localhost:\d+/.exec(said);
        if (url) found(url[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`yodel ended with ${code} before it served:\n${said}`)));
    });
    return new Server(url, child, folder);
  }

  /** Stops this process, as an operator does, and expects it to go in good order. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const [code] = await exit;
      if (code !== 0) throw new Error(`yodel answered SIGTERM with exit status ${code}`);
    }
    await rm(this.#folder, { recursive: true });
  }
}

/** What the binary prints when it is run with these arguments. */
export async function yodel(...args: readonly string[]): Promise<string> {
  expectBinary();
  const { stdout } = await promisify(execFile)(binary, args, { env: environment() });
  return stdout.trimEnd();
}

function expectBinary(): void {
  if (!existsSync(binary)) {
    throw new Error(`${binary} is missing: build it with \`cargo xtask build\`, or set YODEL_BINARY to its path`);
  }
}

/** The environment without settings of a developer's own server. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('YODEL_')));
}
