/**
 * The public types of `TRTCCalling`, used as a page in strict TypeScript uses them. It is compiled and never run: what the
 * types allow too much, or too little, is an error of the compiler here.
 */
import TRTCCalling, {
  type CallingError,
  type CallStatus,
  type CallType,
  type Device,
  type EndReason,
  type EventName,
  type Events,
  type VideoQuality,
} from '../../sdk/package/trtc-calling.js';
import '../../sdk/package/trtc-calling.umd.js';

/** `true` if the two types are the same; `any` is the same as nothing but itself. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

function holds<Claim extends true>(): Claim | undefined {
  return undefined;
}

export async function usesEverything(userSig: string, tim: object): Promise<void> {
  const calling = new TRTCCalling({ SDKAppID: 1400000001, tim });
  new TRTCCalling({ SDKAppID: 1400000001, server: 'https://call.example.org', ringtone: true });

  const login = await calling.login({ userID: 'alice', userSig });
  holds<Same<typeof login.code, 0>>();
  holds<Same<typeof login.data.repeatLogin, boolean | undefined>>();

  const placed = await calling.call({ userID: 'bob', type: 1, timeout: 20 });
  holds<Same<typeof placed.roomID, number>>();
  holds<Same<typeof placed.inviteID, string>>();
  const offlinePushInfo = { title: '', description: 'Alice calls', androidOPPOChannelID: 'calls' };
  await calling.call({ userID: 'bob', type: TRTCCalling.CALL_TYPE.VIDEO_CALL, offlinePushInfo });
  const group = await calling.groupCall({ userIDList: ['bob', 'carol'], type: 2, groupID: 'team', timeout: 0 });
  holds<Same<typeof group.groupID, string>>();
  await calling.groupCall({ userIDList: ['bob'], type: 1, offlinePushInfo });

  const accepted = await calling.accept();
  holds<Same<Exclude<typeof accepted, undefined>['callType'], CallType>>();
  await calling.accept({ inviteID: '1', roomID: 1, callType: 2 });
  await calling.reject();
  await calling.reject({ inviteID: '1', isBusy: true, callType: 1 });
  const left = await calling.hangup();
  holds<Same<typeof left.msg, 'ok'>>();

  await calling.startLocalView({ userID: 'alice', videoViewDomID: 'local' });
  await calling.stopLocalView({ userID: 'alice' });
  await calling.stopLocalView({ userID: 'alice', videoViewDomID: 'local' });
  await calling.startRemoteView({ userID: 'bob', videoViewDomID: 'remote' });
  await calling.stopRemoteView({ userID: 'bob' });
  await calling.stopRemoteView({ userID: 'bob', videoViewDomID: 'remote' });

  const opened = await calling.openCamera();
  holds<Same<typeof opened, true>>();
  await calling.closeCamera();
  await calling.setMicMute(true);
  const quality = await calling.setVideoQuality('720p');
  holds<Same<typeof quality, '720p'>>();
  await calling.setVideoQuality({ width: 640, height: 480, frameRate: 15, bitrate: 400 });
  await calling.switchToAudioCall();
  await calling.switchToVideoCall();

  const cameras = await calling.getCameras();
  holds<Same<typeof cameras, Device[]>>();
  await calling.getMicrophones();
  await calling.getSpeakers();
  await calling.switchDevice({ deviceType: 'video', deviceID: cameras[0]?.deviceId ?? '' });
  await calling.switchDevice({ deviceType: 'audio', deviceId: 'default' });
  await calling.switchDevice('speaker', 'default');

  calling.setLogLevel(1);
  calling.setCallType(TRTCCalling.CALL_TYPE.UNKNOWN);
  holds<Same<ReturnType<typeof calling.getCallType>, 0 | CallType>>();
  holds<Same<ReturnType<typeof calling.getCallStatus>, CallStatus>>();
  holds<Same<ReturnType<typeof calling.getVideoQuality>, VideoQuality>>();
  const strings: string[] = [calling.getUserID(), calling.getGroupID()];
  strings.push(...calling.getInviteeList(), ...calling.getUnHandledInviteeList());
  const numbers: number[] = [calling.getRemoteStreamCount()];
  const booleans: boolean[] = [
    calling.isInviter(),
    calling.isGroupCall(),
    calling.hasRemoteConnectedUsers(),
    calling.getSwitchCallModeStatus(),
  ];
  console.log(strings, numbers, booleans);
  await calling.logout();
}

export function hearsEverything(calling: TRTCCalling): void {
  const { EVENT } = TRTCCalling;
  calling.on('onInvited', ({ sponsor, userIDList, isFromGroup, inviteData, inviteID }) => {
    holds<Same<typeof sponsor | typeof inviteID, string>>();
    holds<Same<typeof userIDList, string[]>>();
    holds<Same<typeof isFromGroup, boolean>>();
    holds<Same<typeof inviteData.callType, CallType>>();
    holds<Same<typeof inviteData.roomID, number>>();
  });
  calling.on(EVENT.CALL_END, ({ userID, callEnd, reason }) => {
    holds<Same<typeof userID, string>>();
    holds<Same<typeof callEnd, number>>();
    holds<Same<typeof reason, EndReason>>();
  });
  for (const name of [EVENT.USER_ENTER, EVENT.USER_LEAVE, EVENT.USER_ACCEPT, EVENT.REJECT] as const) {
    calling.on(name, ({ userID }) => holds<Same<typeof userID, string>>());
  }
  calling.on(EVENT.LINE_BUSY, ({ userID, sponsor }) => holds<Same<typeof userID | typeof sponsor, string>>());
  calling.on(EVENT.NO_RESP, ({ userID, userIDList }) => [userID, ...userIDList].join());
  calling.on(EVENT.CALLING_CANCEL, ({ inviteID }) => inviteID.length);
  calling.on(EVENT.CALLING_TIMEOUT, ({ sponsor }) => sponsor.length);
  calling.on(EVENT.USER_VIDEO_AVAILABLE, ({ isVideoAvailable }) => holds<Same<typeof isVideoAvailable, boolean>>());
  calling.on(EVENT.USER_AUDIO_AVAILABLE, ({ isAudioAvailable }) => holds<Same<typeof isAudioAvailable, boolean>>());
  calling.on(EVENT.USER_VOICE_VOLUME, ({ volumeMap }) => volumeMap.map(({ userId, audioVolume }) => [userId, audioVolume]));
  calling.on(EVENT.GROUP_CALL_INVITEE_LIST_UPDATE, ({ userIDList }) => userIDList.length);
  calling.on(EVENT.CALL_TYPE_CHANGED, ({ callType }) => holds<Same<typeof callType, CallType>>());
  calling.on(EVENT.ERROR, ({ code, msg, message, cause }) => [code.toFixed(), msg, message, cause?.length]);
  calling.on(EVENT.SDK_READY, ({ name }) => holds<Same<typeof name, 'ts_im_ready'>>());
  for (const name of [EVENT.KICKED_OUT, EVENT.RECONNECTING, EVENT.RECONNECTED]) {
    calling.on(name, (event) => Object.keys(event));
  }

  // Whoever has the name of an event in a variable is given what all of them may be.
  const names: EventName[] = Object.values(EVENT);
  for (const name of names) calling.on(name, (event: Events[EventName]) => console.log(event));
  holds<Same<(typeof EVENT)[keyof typeof EVENT], EventName>>();

  const page = { rung: 0 };
  function count(this: typeof page): void {
    this.rung += 1;
  }
  calling.on('onInvited', count, page);
  calling.on('onInvited', function () {
    void this.accept();
  });
  calling.off('onInvited', count, page);
  calling.off('onInvited');
}

export function tellsTheCause(error: CallingError): string {
  holds<Same<typeof error.code, number | undefined>>();
  return error.msg + (error.cause ?? '');
}

export function isAGlobalOfTheClassicScript(): globalThis.TRTCCalling {
  return new globalThis.TRTCCalling({ SDKAppID: 1400000001 });
}

export async function isRefused(calling: TRTCCalling): Promise<void> {
  // @ts-expect-error SDKAppID is needed.
  new TRTCCalling({});
  // @ts-expect-error There is no third type of call.
  await calling.call({ userID: 'bob', type: 3 });
  // @ts-expect-error Whom?
  await calling.call({ type: 1 });
  // @ts-expect-error A list, also of one person.
  await calling.groupCall({ userIDList: 'bob', type: 1 });
  // @ts-expect-error There is no such event.
  calling.on('onRing', () => undefined);
  // @ts-expect-error An invitation has no such field.
  calling.on('onInvited', ({ userSig }) => userSig);
  // @ts-expect-error There is no such device.
  await calling.switchDevice('screen', 'default');
  // @ts-expect-error There is no such quality.
  await calling.setVideoQuality('4k');
}
