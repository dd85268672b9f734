import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const netlab = process.env['YODEL_NETLAB'] ?? resolve(import.meta.dirname, '../../target/debug/netlab');

/** A host of the lab. */
export type Host = 'server' | 'alice' | 'bob';

/** Why there can be no lab here. */
export class NoLab {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Three hosts in network namespaces, and a router between them that does as it is told: see `netlab help`. */
export class Lab {
  /** Where Yodel listens, on the host `server`. */
  readonly address = '10.77.1.1:3000';
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #id: string;
  /** For what programs in the lab write. It ends with the lab. */
  readonly folder: string;

  private constructor(child: ChildProcess, answers: AsyncIterator<string>, id: string, folder: string) {
    this.#child = child;
    this.#answers = answers;
    this.#id = id;
    this.folder = folder;
  }

  static async start(): Promise<Lab | NoLab> {
    if (process.platform !== 'linux') return new NoLab('network namespaces are Linux’ own');
    if (!existsSync(netlab)) {
      throw new Error(`${netlab} is missing: build it with \`cargo build -p netlab\`, or set YODEL_NETLAB to its path`);
    }
    const child = spawn(netlab, { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    const closed = once(child, 'close');
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value } = await answers.next();
    const id = /^ready (\d+)$/.exec(value ?? '')?.[1];
    if (id === undefined) {
      await closed;
      return new NoLab(complaint.trim());
    }
    return new Lab(child, answers, id, await mkdtemp(join(tmpdir(), 'yodel-lab-')));
  }

  /** Gives a command. Returns what it is answered after the `ok`. */
  async say(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const { value } = await this.#answers.next();
    const answer = /^ok ?(.*)$/.exec(value ?? 'nothing');
    if (!answer) throw new Error(`the lab answers “${line}” with “${value}”`);
    return answer[1] ?? '';
  }

  /** Perfect lines, and no firewall. */
  async clear(): Promise<void> {
    for (const host of ['server', 'alice', 'bob']) await this.say(`link ${host} clear`);
    for (const path of ['alice bob', 'alice server', 'bob server']) await this.say(`path ${path} clear`);
    await this.say('unblock');
  }

  /** What to put before a program so that it runs on a host. */
  on(host: Host): [string, ...string[]] {
    return [netlab, 'enter', this.#id, host, '--'];
  }

  /** A program that runs another one on a host, with the arguments that it is given. */
  async launcher(host: Host, program: string): Promise<string> {
    const path = join(this.folder, `${host}-browser`);
    const words = [...this.on(host), program].map((word) => `'${word}'`).join(' ');
    await writeFile(path, `#!/bin/sh\nexec ${words} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Kills the pages of the browser on a host, as a lack of memory does. The browser stays. */
  async killRenderers(host: Host): Promise<void> {
    const [program, ...words] = this.on(host);
    // In the namespaces of the lab; /proc lists the processes of all its hosts.
    const script = `
      own=$(readlink /proc/self/ns/net)
      for process in /proc/[0-9]*; do
        if [ "$(readlink $process/ns/net)" = "$own" ] && grep -qa -- --type=rendere[r] $process/cmdline; then
          kill -9 "\${process#/proc/}"
        fi
      done`;
    await promisify(execFile)(program, [...words, 'sh', '-c', script]);
  }

  /** Ends everything that runs on the hosts, and the hosts. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.stdin?.end();
      await exit;
    }
    await rm(this.folder, { recursive: true });
  }
}
