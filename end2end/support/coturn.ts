import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from './lab.ts';

/** Where to look for coturn: what `cargo xtask test` found, the system's. */
const programs = [process.env['YODEL_TURNSERVER'], '/usr/bin/turnserver', '/usr/local/bin/turnserver'];

const manual = resolve(import.meta.dirname, '../../docs/operating.md');

/** Where coturn is, if there is one. */
export function findCoturn(): string | undefined {
  return programs.find((path) => path !== undefined && existsSync(path));
}

/** coturn on the host `server`, started as the manual says. */
export class Coturn {
  /** The address under which it relays, as the manual has it. Nobody else in the lab is there. */
  readonly relayed: string;
  /** What the manual tells Yodel of it: `YODEL_ICE_SERVERS`. */
  readonly iceServers: string;
  readonly #lab: Lab;
  readonly #child: ChildProcess;

  private constructor(lab: Lab, child: ChildProcess, relayed: string, iceServers: string) {
    this.#lab = lab;
    this.#child = child;
    this.relayed = relayed;
    this.iceServers = iceServers;
  }

  static async start(lab: Lab, program: string): Promise<Coturn> {
    const own = lab.address.replace(/:\d+$/, '');
    const secret = randomBytes(32).toString('hex');
    const put = (text: string): string =>
      text.replaceAll('SECRET', secret).replaceAll('turn.example.org', own).replaceAll('10.0.0.5', own);
    const text = readFileSync(manual, 'utf8');
    const [, command = ''] = /```sh\nturnserver ((?:.*\\\n)*.*)\n/.exec(text) ?? [];
    const [, iceServers = ''] = /export YODEL_ICE_SERVERS="(.*)"/.exec(text) ?? [];
    const words = put(command).replaceAll('\\\n', ' ').trim().split(/\s+/);
    const relayed = /^--external-ip=([\d.]+)/.exec(words.find((word) => word.startsWith('--external-ip=')) ?? '')?.[1];
    if (!relayed || !iceServers) throw new Error(`${manual} does not say how coturn is started`);
    // Where it writes to is no matter of the manual's.
    const aside = ['--log-file=stdout', `--pidfile=${join(lab.folder, 'turnserver.pid')}`];
    const [launcher, ...rest] = [...lab.on('server'), program, ...words, ...aside];
    const child = spawn(launcher!, rest, { stdio: 'ignore' });
    const coturn = new Coturn(lab, child, relayed, put(iceServers));
    await coturn.#untilItListens();
    return coturn;
  }

  /** Its output is of no use for that: it is written in blocks. */
  async #untilItListens(): Promise<void> {
    const [launcher, ...rest] = [...this.#lab.on('server'), 'cat', '/proc/net/tcp', '/proc/net/udp'];
    // Port 3478, as a socket of TCP that listens, and as one of UDP.
    const listens = async () => {
      const { stdout } = await promisify(execFile)(launcher, rest);
      return [/:0D96 0{8}:0000 0A /, /:0D96 0{8}:0000 07 /].every((socket) => socket.test(stdout));
    };
    while (!(await listens())) {
      if (this.#child.exitCode !== null) throw new Error(`coturn ended with ${this.#child.exitCode} before it served`);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }
}
