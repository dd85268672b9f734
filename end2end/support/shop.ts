import { once } from 'node:events';
import { createServer, type Server as Listener } from 'node:http';

/** A developer's own site, of another origin than Yodel's. */
export class Shop {
  /** The origin that the operator of Yodel has listed. */
  readonly origin: string;
  /** The same site under another name, which is another origin and not listed. */
  readonly foreignOrigin: string;
  readonly #listener: Listener;
  #page = { html: '', policy: '' };

  private constructor(port: number, listener: Listener) {
    this.origin = `http://127.0.0.1:${port}`;
    this.foreignOrigin = `http://localhost:${port}`;
    this.#listener = listener;
  }

  static async open(): Promise<Shop> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('a shop has a port');
    const shop = new Shop(address.port, listener);
    listener.on('request', (_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('content-security-policy', shop.#page.policy);
      response.end(shop.#page.html);
    });
    return shop;
  }

  /** This is what every address of the shop shows from now on, under this content security policy. */
  show(html: string, policy: string): void {
    this.#page = { html, policy };
  }

  async close(): Promise<void> {
    this.#listener.closeAllConnections();
    this.#listener.close();
    await once(this.#listener, 'close');
  }
}
