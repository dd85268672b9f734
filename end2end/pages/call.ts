import { expect, type Locator, type Page } from '@playwright/test';

/** An invitation that rings. */
export class Invitation {
  readonly dialog: Locator;
  readonly answer: Locator;
  readonly answerWithVideo: Locator;
  readonly answerWithSound: Locator;
  readonly decline: Locator;

  constructor(page: Page, caller: string) {
    this.dialog = page.getByRole('dialog', { name: caller, exact: true });
    this.answer = this.dialog.getByRole('button', { name: 'Answer', exact: true });
    this.answerWithVideo = this.dialog.getByRole('button', { name: 'Answer with video' });
    this.answerWithSound = this.dialog.getByRole('button', { name: 'Answer with sound only' });
    this.decline = this.dialog.getByRole('button', { name: 'Decline' });
  }
}

/** The screen of one's own call, while it rings at the other side and after. */
export class CallScreen {
  readonly screen: Locator;
  readonly calling: Locator;
  readonly ringing: Locator;
  readonly cancel: Locator;
  readonly hangUp: Locator;
  readonly microphone: Locator;
  readonly camera: Locator;
  readonly timer: Locator;
  /** The other side's picture. */
  readonly picture: Locator;
  /** The other side is not heard. */
  readonly muted: Locator;
  /** One's own picture. */
  readonly ownPicture: Locator;
  /** The button that opens {@link DeviceMenu}. */
  readonly devices: Locator;

  constructor(page: Page, peer: string) {
    this.screen = page.getByRole('main', { name: peer, exact: true });
    this.calling = this.screen.getByText('Calling…');
    this.ringing = this.screen.getByText('Ringing…');
    this.cancel = this.screen.getByRole('button', { name: 'Cancel call' });
    this.hangUp = this.screen.getByRole('button', { name: 'Hang up' });
    this.microphone = this.screen.getByRole('button', { name: 'Microphone', exact: true });
    this.camera = this.screen.getByRole('button', { name: 'Camera', exact: true });
    this.timer = this.screen.getByRole('timer');
    this.picture = this.screen.getByLabel(peer, { exact: true });
    this.muted = this.screen.getByText('Muted');
    this.devices = this.screen.getByRole('button', { name: 'Microphone, camera, speaker' });
    this.ownPicture = this.screen.getByLabel('You', { exact: true });
  }

  /** The switches of one's own devices show this. */
  async expectDevices(expected: { microphone: boolean; camera: boolean }): Promise<void> {
    await expect(this.microphone).toHaveAttribute('aria-pressed', String(expected.microphone));
    await expect(this.camera).toHaveAttribute('aria-pressed', String(expected.camera));
  }
}

/** The choice of devices during a call. */
export class DeviceMenu {
  readonly dialog: Locator;
  readonly microphone: Locator;
  readonly camera: Locator;
  readonly speaker: Locator;
  readonly quality: Locator;
  readonly close: Locator;

  constructor(page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Microphone, camera, speaker' });
    this.microphone = this.dialog.getByRole('combobox', { name: 'Microphone', exact: true });
    this.camera = this.dialog.getByRole('combobox', { name: 'Camera', exact: true });
    this.speaker = this.dialog.getByRole('combobox', { name: 'Speaker', exact: true });
    this.quality = this.dialog.getByRole('combobox', { name: 'Video quality', exact: true });
    this.close = this.dialog.getByRole('button', { name: 'Close' });
  }
}
