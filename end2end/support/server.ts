import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const binary = process.env['YODEL_BINARY'] ?? resolve(import.meta.dirname, '../../target/release/yodel');

/** Where a server runs. */
interface ServerHost {
  address: string;
  /** What to put before the binary. */
  launcher: readonly string[];
}

const thisMachine: ServerHost = { address: '127.0.0.1:0', launcher: [] };

/** One `yodel` on a free port, with an empty data folder of its own. */
export class Server {
  readonly url: string;
  /** An empty folder but for what the server keeps in `data`. */
  readonly folder: string;
  /** Starts it once more. */
  readonly #again: () => Promise<Started>;
  #child: ChildProcess;

  private constructor({ url, child }: Started, folder: string, again: () => Promise<Started>) {
    this.url = url;
    this.folder = folder;
    this.#again = again;
    this.#child = child;
  }

  /**
   * Starts the binary with these flags and `YODEL_…` variables, on this machine or on another host, and waits until it prints
   * its address.
   */
  static async start(
    flags: readonly string[],
    host: ServerHost = thisMachine,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Server> {
    expectBinary();
    const folder = await mkdtemp(join(tmpdir(), 'yodel-'));
    const run = (address: string): Promise<Started> => {
      const command = [...host.launcher, binary, '--addr', address, '--data', join(folder, 'data'), ...flags];
      return launch(command, folder, variables);
    };
    const started = await run(host.address);
    // The port that it was given.
    const address = host.address.replace(/:\d+$/, `:${new URL(started.url).port}`);
    return new Server(started, folder, () => run(address));
  }

  /** Kills the process, as a lack of memory does: it cannot say goodbye. */
  async kill(): Promise<void> {
    const exit = once(this.#child, 'exit');
    process.kill(await programOf(this.#child), 'SIGKILL');
    await exit;
  }

  /** Stops the process, as an operator does, and expects it to go in good order. */
  async terminate(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = await exit;
    if (code !== 0) throw new Error(`yodel answered SIGTERM with exit status ${code}`);
  }

  /** Starts it where it was, with the data that it has left, after its end. */
  async startAgain(): Promise<void> {
    ({ child: this.#child } = await this.#again());
  }

  /** The end of it, and of its data. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.terminate();
    await rm(this.folder, { recursive: true });
  }
}

/** A process that serves. */
interface Started {
  url: string;
  child: ChildProcess;
}

function launch(command: readonly string[], cwd: string, variables: Readonly<Record<string, string>>): Promise<Started> {
  const [program, ...words] = command;
  const child = spawn(program!, words, { cwd, env: { ...environment(), ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((found, failed) => {
    let said = '';
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const url = /https?:\/\/[\w.]+:\d+/.exec(said);
      if (url) found({ url: url[0], child });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`yodel ended with ${code} before it served:\n${said}`)));
  });
}

/** The process that a launcher has led to, or the one that was started, if it is itself the program. */
async function programOf({ pid }: ChildProcess): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return Number(children.trim() || pid);
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
