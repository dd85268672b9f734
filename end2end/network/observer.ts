import { expect, type TestInfo } from '@playwright/test';
import type { Person } from '../support/person.ts';

/** Milliseconds since 1970, by the clock that all browsers of a machine share. */
export type Moment = number;

/** Something that a page has begun or ceased to show, or that its peer connections have told. */
interface Sighting {
  at: Moment;
  what: string;
}

/** What has arrived by some time. Counts are over all peer connections that the page has had. */
interface Sample {
  at: Moment;
  audioPackets: number;
  framesDecoded: number;
  /** Of the newest picture, in pixels. */
  pictureWidth: number;
  audioSamples: number;
  /** Made up because nothing had arrived in time. */
  concealedSamples: number;
}

interface Log {
  sightings: Sighting[];
  samples: Sample[];
}

declare global {
  interface Window {
    log: Log;
    /** A function of the test. It outlives the page. */
    keep: (sightings: Sighting[], samples: Sample[]) => Promise<void>;
  }
}

/** Texts by which a page says that something is wrong with the connection, and of what. */
const SHOWN = {
  'the media are interrupted': /Trying to bring it back|^Reconnecting…$/,
  'no way through': /No way through/,
  'the server is out of reach': /The server is out of reach/,
  'kicked out': /You signed in somewhere else/,
  'connecting': /^Connecting…$/,
  'a notice': /Dismiss/,
};

/** How often a page is looked at. */
const EVERY_MS = 50;

/** Watches a person's page from within, ten times as often as a test could from without, and also while nobody asks. */
export class Observer {
  readonly #person: Person;
  readonly #log: Log = { sightings: [], samples: [] };

  private constructor(person: Person) {
    this.#person = person;
  }

  static async of(person: Person): Promise<Observer> {
    const observer = new Observer(person);
    await person.context.exposeFunction('keep', (sightings: Sighting[], samples: Sample[]) => {
      observer.#log.sightings.push(...sightings);
      observer.#log.samples.push(...samples);
    });
    const shown = Object.entries(SHOWN).map(([what, text]) => [what, text.source] as const);
    await person.context.addInitScript(observePage, { shown, every: EVERY_MS });
    await person.page.evaluate(observePage, { shown, every: EVERY_MS });
    return observer;
  }

  /** Notes something that the test does. */
  note(what: string): Moment {
    const at = Date.now();
    this.#log.sightings.push({ at, what: `— ${what}` });
    return at;
  }

  /** When the page first showed this, after some time. Waits for it. */
  async shows(what: keyof typeof SHOWN, after: Moment, timeout: number): Promise<Moment> {
    return this.#find(`shown: ${what}`, after, timeout);
  }

  /** When the page ceased to show this. Waits for it. */
  async hides(what: keyof typeof SHOWN, after: Moment, timeout: number): Promise<Moment> {
    return this.#find(`gone: ${what}`, after, timeout);
  }

  /** Whether the page has shown this at any time since a moment. */
  hasShown(what: keyof typeof SHOWN, since: Moment): boolean {
    return this.#log.sightings.some((sighting) => sighting.at >= since && sighting.what === `shown: ${what}`);
  }

  /** When the call was over for the page. Waits for it. */
  async leavesCall(after: Moment, timeout: number): Promise<Moment> {
    return this.#find('gone: the call', after, timeout);
  }

  async #find(what: string, after: Moment, timeout: number): Promise<Moment> {
    const found = () => this.#log.sightings.find((sighting) => sighting.what === what && sighting.at >= after)?.at;
    await expect
      .poll(found, { message: `${this.#person.name} — ${what}`, timeout, intervals: [EVERY_MS] })
      .toBeDefined();
    return found()!;
  }

  /** When sound arrived again, after some time. Waits for it. */
  async hears(after: Moment, timeout: number): Promise<Moment> {
    return this.#grows('audioPackets', after, timeout);
  }

  /** When a picture was decoded, after some time. Waits for it. */
  async sees(after: Moment, timeout: number): Promise<Moment> {
    return this.#grows('framesDecoded', after, timeout);
  }

  /** When sound or a picture last arrived, as far as has been seen. */
  lastReceived(): Moment {
    const { samples } = this.#log;
    const grew = ({ audioPackets, framesDecoded }: Sample, before: Sample | undefined): boolean =>
      before !== undefined && (audioPackets > before.audioPackets || framesDecoded > before.framesDecoded);
    return samples.findLast((sample, index) => grew(sample, samples[index - 1]))?.at ?? 0;
  }

  async #grows(what: 'audioPackets' | 'framesDecoded', after: Moment, timeout: number): Promise<Moment> {
    const found = () => {
      const later = this.#log.samples.filter(({ at }) => at >= after);
      return later.find((sample) => sample[what] > later[0]![what])?.at;
    };
    await expect
      .poll(found, { message: `${this.#person.name} — growth of ${what}`, timeout, intervals: [EVERY_MS] })
      .toBeDefined();
    return found()!;
  }

  /** The longest time between two moments in which no packet of sound was found to have come, in milliseconds. */
  longestGap(from: Moment, to: Moment): number {
    const samples = this.#log.samples.filter(({ at }) => at >= from && at <= to);
    let [longest, gap] = [0, 0];
    for (const [at, sample] of samples.entries()) {
      const before = samples[at - 1];
      if (!before) continue;
      gap = sample.audioPackets > before.audioPackets ? 0 : gap + sample.at - before.at;
      longest = Math.max(longest, gap);
    }
    return longest;
  }

  /** Pictures per second between two moments. */
  pictureRate(from: Moment, to: Moment): number {
    const { first, last } = this.#between(from, to);
    return ((last.framesDecoded - first.framesDecoded) * 1_000) / (last.at - first.at);
  }

  /** The share of sound that was made up between two moments, in percent. */
  concealed(from: Moment, to: Moment): number {
    const { first, last } = this.#between(from, to);
    return (100 * (last.concealedSamples - first.concealedSamples)) / (last.audioSamples - first.audioSamples);
  }

  /** How wide the last picture was before this moment, in pixels. */
  pictureWidth(at: Moment): number {
    return this.#log.samples.findLast((sample) => sample.at <= at)?.pictureWidth ?? 0;
  }

  /** Whether the call was on the screen all the time since this moment. */
  keptCall(since: Moment): boolean {
    return !this.#log.sightings.some(({ at, what }) => at >= since && what === 'gone: the call');
  }

  #between(from: Moment, to: Moment): { first: Sample; last: Sample } {
    const within = this.#log.samples.filter(({ at }) => at >= from && at <= to);
    const [first, last] = [within[0], within.at(-1)];
    if (!first || !last || first === last) throw new Error('nothing was seen in that time');
    return { first, last };
  }

  /** Puts everything that was seen into the report of a test, and on the terminal if it has failed. */
  async attachTo(info: TestInfo): Promise<void> {
    const sightings = this.#log.sightings.toSorted((one, other) => one.at - other.at);
    const start = sightings.find(({ what }) => what.startsWith('—'))?.at ?? sightings[0]?.at ?? 0;
    const lines = sightings.map(({ at, what }) => `${((at - start) / 1_000).toFixed(2).padStart(8)} s  ${what}`);
    const { samples } = this.#log;
    const stalls = samples.map(({ at }, index) => at - (samples[index - 1]?.at ?? at));
    const looked = `looked at ${samples.length} times, at most ${Math.max(0, ...stalls)} ms apart`;
    const body = [`${this.#person.name}, ${looked}`, ...lines].join('\n');
    await info.attach(`what ${this.#person.name} saw`, { body, contentType: 'text/plain' });
    if (info.errors.length > 0 || process.env['YODEL_TIMELINES']) console.log(body);
  }
}

/** In the page. */
function observePage({ shown, every }: { shown: (readonly [string, string])[]; every: number }): void {
  // The blank page that a tab starts with, and one that is observed already.
  if (!location.protocol.startsWith('http') || window.log) return;
  const log: Log = { sightings: [], samples: [] };
  window.log = log;
  const now = (): number => Math.round(performance.timeOrigin + performance.now());
  const see = (what: string): void => void log.sightings.push({ at: now(), what });

  const states = new Map<string, string>();
  const tell = (subject: string, state: string): void => {
    if (states.get(subject) === state) return;
    states.set(subject, state);
    see(`${subject}: ${state}`);
  };

  const labelOf = (button: Element): string => button.getAttribute('aria-label') ?? button.textContent?.trim() ?? '';
  const visible = new Set<string>();
  const look = (): void => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body ?? document, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement?.checkVisibility()) texts.push(node.textContent!.trim());
    }
    const found = shown.filter(([, text]) => texts.some((one) => new RegExp(text).test(one))).map(([what]) => what);
    const buttons = [...document.querySelectorAll('button')];
    if (buttons.some((button) => button.checkVisibility() && labelOf(button) === 'Hang up')) found.push('the call');
    for (const what of found) {
      if (!visible.has(what)) see(`shown: ${what}`);
    }
    for (const what of visible) {
      if (!found.includes(what)) see(`gone: ${what}`);
    }
    visible.clear();
    for (const what of found) visible.add(what);
  };

  /** What each connection had received when it was last asked. One that is closed does not answer. */
  const received: Omit<Sample, 'at'>[] = [];
  const count = async (): Promise<void> => {
    for (const [at, connection] of window.observed.connections.entries()) {
      tell(`connection ${at + 1}`, `${connection.connectionState}, ICE ${connection.iceConnectionState}`);
      if (connection.connectionState === 'closed') continue;
      const reports = await connection.getStats();
      const sum = { audioPackets: 0, framesDecoded: 0, pictureWidth: 0, audioSamples: 0, concealedSamples: 0 };
      for (const report of reports.values()) {
        if (report.type === 'transport' && report.selectedCandidatePairId) {
          const pair = reports.get(report.selectedCandidatePairId);
          const [local, remote] = [reports.get(pair?.localCandidateId), reports.get(pair?.remoteCandidateId)];
          const way = `${local?.candidateType} ${local?.address} ${local?.relayProtocol ?? local?.protocol}`;
          tell(`connection ${at + 1} goes`, `${way} → ${remote?.candidateType} ${remote?.address}`);
        }
        if (report.type === 'outbound-rtp' && report.kind === 'video' && report.framesEncoded > 0) {
          tell(`connection ${at + 1} sends`, `${report.frameWidth} pixels wide, held back by ${report.qualityLimitationReason}`);
        }
        if (report.type !== 'inbound-rtp') continue;
        if (report.kind === 'video') {
          sum.framesDecoded += report.framesDecoded ?? 0;
          sum.pictureWidth = Math.max(sum.pictureWidth, report.frameWidth ?? 0);
        } else {
          sum.audioPackets += report.packetsReceived ?? 0;
          sum.audioSamples += report.totalSamplesReceived ?? 0;
          sum.concealedSamples += report.concealedSamples ?? 0;
        }
      }
      received[at] = sum;
    }
    const total = (of: keyof Omit<Sample, 'at'>): number => received.reduce((sum, one) => sum + (one?.[of] ?? 0), 0);
    log.samples.push({
      at: now(),
      audioPackets: total('audioPackets'),
      framesDecoded: total('framesDecoded'),
      pictureWidth: received.at(-1)?.pictureWidth ?? 0,
      audioSamples: total('audioSamples'),
      concealedSamples: total('concealedSamples'),
    });
  };

  const observe = async (): Promise<void> => {
    look();
    await count();
    await window.keep(log.sightings.splice(0), log.samples.splice(0));
    setTimeout(observe, every);
  };
  addEventListener('online', () => see('the browser is online'));
  addEventListener('offline', () => see('the browser is offline'));
  void observe();
}
