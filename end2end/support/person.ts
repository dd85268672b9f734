import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { type Account, SignInPage, SignUpPage } from '../pages/accounts.ts';
import { CallScreen, DeviceMenu, Invitation } from '../pages/call.ts';
import { GroupCallScreen } from '../pages/group_call.ts';
import { PeoplePicker } from '../pages/people_picker.ts';
import { HomePage } from '../pages/home.ts';
import { expectAudio, expectVideo, OFTEN } from './media.ts';

/** Somebody in a browser of their own, signed up and signed in. */
export class Person {
  readonly account: Account;
  readonly context: BrowserContext;
  page: Page;

  constructor(account: Account, context: BrowserContext, page: Page) {
    this.account = account;
    this.context = context;
    this.page = page;
  }

  get name(): string {
    return this.account.name;
  }

  get home(): HomePage {
    return new HomePage(this.page);
  }

  /** The screen of the call with somebody. */
  callWith(peer: Person): CallScreen {
    return new CallScreen(this.page, peer.name);
  }

  /** The screen of a call with several people. */
  get groupCall(): GroupCallScreen {
    return new GroupCallScreen(this.page);
  }

  /** The choice of devices. */
  get deviceMenu(): DeviceMenu {
    return new DeviceMenu(this.page);
  }

  /** The choice of people. */
  get picker(): PeoplePicker {
    return new PeoplePicker(this.page);
  }

  /** The invitation by somebody. */
  invitationBy(caller: Person): Invitation {
    return new Invitation(this.page, caller.name);
  }

  /** Creates the account, as a visitor does. */
  async signUp(): Promise<void> {
    const form = new SignUpPage(this.page);
    await form.open();
    await form.signUp(this.account);
    await expect(this.home.heading).toBeVisible();
  }

  /** Signs in, as somebody does who has an account. */
  async signIn(): Promise<void> {
    const form = new SignInPage(this.page);
    await form.open();
    await form.signIn(this.account.id, this.account.password);
    await expect(this.home.heading).toBeVisible();
  }

  /** Another tab of the same person, at the home page. */
  async openTab(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto('/');
    return page;
  }

  /** Waits until the list of contacts shows somebody as reachable. */
  async sees(other: Person, presence: 'Online' | 'Offline' | 'In a call' | 'Blocked'): Promise<void> {
    await expect(this.home.contact(other.name)).toContainText(presence);
  }

  /** Places a call to somebody who is online and waits until it rings there. */
  async ring(callee: Person, type: 'voice' | 'video'): Promise<void> {
    await this.sees(callee, 'Online');
    await this.call(callee, type);
    await expect(callee.invitationBy(this).dialog).toBeVisible();
  }

  /** Places a call. */
  async call(callee: Person, type: 'voice' | 'video'): Promise<void> {
    await this.#callButton(callee, type).click();
  }

  /** Places a call, unless an invitation covers the button at that very moment: nobody can press it then. */
  async callUnlessRung(callee: Person, type: 'voice' | 'video'): Promise<void> {
    await this.#callButton(callee, type).evaluate((button: HTMLElement) => {
      if (!document.querySelector('dialog[open]')) button.click();
    });
  }

  #callButton(callee: Person, type: 'voice' | 'video'): Locator {
    return type === 'voice' ? this.home.voiceCall(callee.name) : this.home.videoCall(callee.name);
  }
}

/** Starts a group call from the page of contacts. */
export async function callAll(caller: Person, callees: readonly Person[]): Promise<void> {
  for (const callee of callees) await caller.sees(callee, 'Online');
  await caller.home.groupCall.click();
  await caller.picker.choose(...callees.map((callee) => callee.name));
  await caller.picker.videoCall.click();
}

/** Two people in a call that has media on both sides. */
export async function connect(
  caller: Person,
  callee: Person,
  type: 'voice' | 'video',
  options: { answerAfterMs?: number } = {},
): Promise<void> {
  await caller.ring(callee, type);
  await callee.page.waitForTimeout(options.answerAfterMs ?? 0);
  const invitation = callee.invitationBy(caller);
  await (type === 'voice' ? invitation.answer : invitation.answerWithVideo).click();
  const arrives = async (one: Person, other: Person): Promise<void> => {
    await expect(one.callWith(other).timer).toBeVisible();
    await Promise.all([expectAudio(one.page), type === 'video' && expectVideo(one.page)]);
  };
  // At once: while somebody waits for the one, the other goes on to be compressed and drawn.
  await Promise.all([arrives(caller, callee), arrives(callee, caller)]);
}

/** A `<video>` plays: it has a picture, and its time goes on. */
export async function expectPlaying(video: Locator): Promise<void> {
  const look = () =>
    video.evaluate((element: HTMLVideoElement) => ({ width: element.videoWidth, time: element.currentTime }));
  await expect.poll(async () => (await look()).width, { intervals: OFTEN }).toBeGreaterThan(0);
  const { time } = await look();
  await expect.poll(async () => (await look()).time, { intervals: OFTEN }).toBeGreaterThan(time);
}
