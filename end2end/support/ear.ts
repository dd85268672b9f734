import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** An address at which a browser may knock: it counts the packets that come. */
export class Ear {
  /** As a browser would tell another one (RFC 8839). */
  readonly candidate: string;
  readonly #socket: Socket;
  #packets = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.candidate = `candidate:1 1 udp 2113937151 127.0.0.1 ${socket.address().port} typ host`;
    socket.on('message', () => (this.#packets += 1));
  }

  static async open(): Promise<Ear> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Ear(socket);
  }

  /** How many packets have come so far. */
  get packets(): number {
    return this.#packets;
  }

  close(): void {
    this.#socket.close();
  }
}
