import { once } from 'node:events';
import { connect, createServer, type Server as Listener, type Socket } from 'node:net';

/** What is between a page and the server, and can be cut. A page that is opened through it takes all its ways through it. */
export class Line {
  readonly url: string;
  readonly #listener: Listener;
  readonly #sockets: Set<Socket>;
  #isCut = false;

  private constructor(url: string, listener: Listener, sockets: Set<Socket>) {
    this.url = url;
    this.#listener = listener;
    this.#sockets = sockets;
  }

  /** A line to this server, on a port of its own. */
  static async to(server: { url: string }): Promise<Line> {
    const port = Number(new URL(server.url).port);
    const sockets = new Set<Socket>();
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('a line has a port');
    const line = new Line(`http://localhost:${address.port}`, listener, sockets);
    listener.on('connection', (near) => {
      if (line.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      }
    });
    return line;
  }

  /** Nothing gets through any more, and what is open is closed. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#listener.close();
  }
}
