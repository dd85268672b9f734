/** Voice and video calls over a Yodel server, with the `TRTCCalling` API. */

/** 1: voice, 2: video. */
export type CallType = 1 | 2;

/** Where the instance is in a call. A phone that rings is `calling`. */
export type CallStatus = 'idle' | 'calling' | 'connected';

/** Why a call is over for this page. */
export type EndReason =
  /** This person hung up. */
  | 'hungUp'
  /** The caller took the call back before anybody answered. */
  | 'cancelled'
  /** Everybody else has left. */
  | 'othersLeft'
  /** Everybody who was invited declined. */
  | 'rejected'
  /** Everybody who was invited is in another call. */
  | 'busy'
  /** Nobody answered in time. */
  | 'noAnswer'
  /** The connection was lost and did not come back. */
  | 'connectionLost'
  /** The call goes on in another place of this person. */
  | 'movedElsewhere';

/** Pixels, frames a second and kilobits a second of what the camera sends. */
export interface VideoProfile {
  width: number;
  height: number;
  frameRate: number;
  bitrate: number;
}

/** A name, or a profile of one's own. */
export type VideoQuality = '240p' | '360p' | '480p' | '720p' | '1080p' | VideoProfile;

/** What `switchDevice` can switch. */
export type DeviceType = 'video' | 'audio' | 'speaker';

/** A camera, microphone or speaker. Browsers leave `label` empty until the person has allowed a device of that kind. */
export interface Device {
  readonly deviceId: string;
  readonly label: string;
  readonly groupId: string;
  readonly kind: MediaDeviceKind;
}

/** Options of the constructor. */
export interface Options {
  /** The app, as the server's operator has set it in `YODEL_APPS`. */
  SDKAppID: number;
  /** The origin of the Yodel server, such as `https://call.example.org`. Default: where the script came from. */
  server?: string;
  /** Play Yodel's tones while it rings. Default: `false`, as the page may have its own. */
  ringtone?: boolean;
  /** Accepted and ignored: there is no messaging instance to share. */
  tim?: unknown;
}

/** What a notification shows to somebody whose page is closed. */
export interface OfflinePushInfo {
  title?: string;
  description?: string;
  /** Kept for native clients. */
  androidOPPOChannelID?: string;
}

export interface LoginParams {
  /** 1 to 32 of `A–Z a–z 0–9 - _`. */
  userID: string;
  /** Signed by your own server with the app's secret. */
  userSig: string;
}

export interface CallParams {
  /** Whom to call. */
  userID: string;
  type: CallType;
  /** How long it rings, in seconds. 0: as long as the server allows. Default: as the server is set, 30 unless changed. */
  timeout?: number;
  offlinePushInfo?: OfflinePushInfo;
}

export interface GroupCallParams {
  /** Whom to call. In a group call: whom to invite into it. */
  userIDList: string[];
  type: CallType;
  /** The group whose call it is. */
  groupID?: string;
  /** As in {@link CallParams.timeout}. */
  timeout?: number;
  offlinePushInfo?: OfflinePushInfo;
}

/** What `accept()` took before version 1.0.0. It is not needed: only one invitation is open at a time. */
export interface AcceptParams {
  inviteID?: string;
  roomID?: number;
  callType?: CallType;
}

/** What `reject()` took before version 1.0.0. It is not needed: only one invitation is open at a time. */
export interface RejectParams {
  inviteID?: string;
  isBusy?: boolean;
  callType?: CallType;
}

export interface ViewParams {
  userID: string;
  /** The id of the element that shows the picture, for example a `<div>`. */
  videoViewDomID: string;
}

export interface StopViewParams {
  userID: string;
  /** Accepted as before version 1.0.0, and not needed. */
  videoViewDomID?: string;
}

export interface LoginResult {
  readonly code: 0;
  readonly data: {
    readonly actionStatus: 'OK';
    readonly errorCode: 0;
    readonly errorInfo: '';
    /** `true` if this user was logged in already. The new userSig is used from now on. */
    readonly repeatLogin?: boolean;
    readonly userID: string;
  };
}

export interface LogoutResult {
  readonly code: 0;
  readonly data: object;
}

/** What `call()` and `groupCall()` have in common. */
export interface Placed {
  /** Whether the microphone is open. */
  readonly audio: boolean;
  /** Whether the camera is open. */
  readonly video: boolean;
  /** Who calls, or accepts: the page's own person. */
  readonly userId: string;
  /** The same on all sides. */
  readonly inviteID: string;
  readonly code: 0;
  readonly data: { readonly message: unknown };
  readonly roomID: number;
}

export interface CallResult extends Placed {
  /** Who is called. */
  readonly userID: string;
}

export interface GroupCallResult extends Placed {
  readonly groupID: string;
}

export interface AcceptResult extends Placed {
  readonly callType: CallType;
}

export interface RejectResult {
  readonly inviteID: string;
  readonly code: 0;
  readonly data: { readonly message: unknown };
}

export interface HangupResult {
  readonly code: 0;
  readonly msg: 'ok';
}

/** What the promises of this class reject with. */
export interface CallingError extends Error {
  /** A number of the README's table, where the error has one. */
  readonly code?: number;
  /** The same as `message`. */
  readonly msg: string;
  /** The name of the `DOMException` behind it, where there is one: `NotAllowedError`, `NotFoundError` … */
  readonly cause?: string;
}

/** Payload of `onError`. The promise of the call that failed rejects with the same code. */
export interface ErrorEvent {
  readonly code: number;
  readonly msg: string;
  readonly message: string;
  readonly cause?: string;
}

/** Payload of the events that name one person. */
export interface UserEvent {
  readonly userID: string;
}

/** Payload of `onInvited`. */
export interface InvitedEvent {
  /** Who calls. */
  readonly sponsor: string;
  /** Everybody who is called, this person included; whoever does not come is on it no longer. */
  readonly userIDList: string[];
  /** Whether the caller named a `groupID`. */
  readonly isFromGroup: boolean;
  readonly inviteData: {
    readonly version: 4;
    readonly callType: CallType;
    readonly callEnd: 0;
    readonly roomID: number;
  };
  readonly inviteID: string;
}

/** Payload of `onNoResp`. */
export interface NoRespEvent {
  readonly sponsor: string;
  readonly userIDList: string[];
  /** The first of `userIDList`. */
  readonly userID: string;
}

/** Payload of `onCallEnd`. */
export interface CallEndEvent {
  /** The person of this page. */
  readonly userID: string;
  /** How long the call was connected, in whole seconds. 0 if nobody answered. */
  readonly callEnd: number;
  readonly reason: EndReason;
}

/** Event strings, and what their handlers are given. */
export interface Events {
  /** Something did not work. What else there is goes on. */
  onError: ErrorEvent;
  /** Logged in: calls can be placed and received. */
  sdkReady: { readonly name: 'ts_im_ready' };
  /** Somebody calls. Nothing is captured before `accept()`. */
  onInvited: InvitedEvent;
  /** Somebody whom this person invited accepts. */
  onUserAccept: UserEvent;
  /** Somebody is in the call, when this person is. */
  onUserEnter: UserEvent;
  /** Somebody has left the call. */
  onUserLeave: UserEvent;
  /** Somebody whom this person invited declines. */
  onReject: UserEvent;
  /** Somebody whom this person invited has not answered in time, online or not. */
  onNoResp: NoRespEvent;
  /** Somebody whom this person invited is in another call. */
  onLineBusy: { readonly sponsor: string; readonly userID: string };
  /** The caller has taken the call back. */
  onCallingCancel: { readonly sponsor: string; readonly inviteID: string };
  /** This person has not answered in time. */
  onCallingTimeout: { readonly sponsor: string; readonly userIDList: string[] };
  /** The call is over for this person. */
  onCallEnd: CallEndEvent;
  /** The same user has logged in elsewhere. This instance has left its call. */
  onKickedOut: object;
  /** Whether somebody can be seen from now on. The first time right after `onUserEnter`. */
  onUserVideoAvailable: { readonly userID: string; readonly isVideoAvailable: boolean };
  /** Whether somebody can be heard from now on. The first time right after `onUserEnter`. */
  onUserAudioAvailable: { readonly userID: string; readonly isAudioAvailable: boolean };
  /** How loud everybody is, 0 to 100. Each second in a call. */
  onUserVoiceVolume: { readonly volumeMap: { readonly userId: string; readonly audioVolume: number }[] };
  /** Who is in a group call or rung into it, besides this person. */
  onGroupCallInviteeListUpdate: { readonly userIDList: string[] };
  /** A voice call is a video call now, or the other way round. `userID` is who switched. */
  onCallTypeChanged: { readonly callType: CallType; readonly userID: string };
  /** The connection with the server is lost. It is tried again by itself; a call goes on meanwhile. */
  onReconnecting: object;
  /** The connection with the server is back. */
  onReconnected: object;
}

export type EventName = keyof Events;

/**
 * One person's phone in a page.
 *
 * Methods reject with a {@link CallingError}. Parameters are checked first, then whether somebody is logged in, then the
 * status. An instance is never stuck: after an error the next call works.
 */
export default class TRTCCalling {
  /** Names for the event strings. */
  static readonly EVENT: {
    readonly ERROR: 'onError';
    readonly SDK_READY: 'sdkReady';
    readonly INVITED: 'onInvited';
    readonly USER_ACCEPT: 'onUserAccept';
    readonly USER_ENTER: 'onUserEnter';
    readonly USER_LEAVE: 'onUserLeave';
    readonly REJECT: 'onReject';
    readonly NO_RESP: 'onNoResp';
    readonly LINE_BUSY: 'onLineBusy';
    readonly CALLING_CANCEL: 'onCallingCancel';
    readonly CALLING_TIMEOUT: 'onCallingTimeout';
    readonly CALL_END: 'onCallEnd';
    /** The same event as `CALL_END`. */
    readonly CALLING_END: 'onCallEnd';
    readonly KICKED_OUT: 'onKickedOut';
    readonly USER_VIDEO_AVAILABLE: 'onUserVideoAvailable';
    readonly USER_AUDIO_AVAILABLE: 'onUserAudioAvailable';
    readonly USER_VOICE_VOLUME: 'onUserVoiceVolume';
    readonly GROUP_CALL_INVITEE_LIST_UPDATE: 'onGroupCallInviteeListUpdate';
    readonly CALL_TYPE_CHANGED: 'onCallTypeChanged';
    readonly RECONNECTING: 'onReconnecting';
    readonly RECONNECTED: 'onReconnected';
  };

  static readonly CALL_TYPE: {
    readonly UNKNOWN: 0;
    readonly AUDIO_CALL: 1;
    readonly VIDEO_CALL: 2;
  };

  /** Connects to nothing: that is what `login()` does. Throws if `SDKAppID` is no number; what else is wrong, `login()` says. */
  constructor(options: Options);

  /**
   * Calls back at each event of this name. A handler that is added twice is called twice.
   *
   * @param context `this` of the handler. Default: the instance.
   * @throws TypeError if the handler is no function.
   */
  on<Name extends EventName, Context = TRTCCalling>(
    eventName: Name,
    callback: (this: Context, event: Events[Name]) => void,
    context?: Context,
  ): void;

  /** Removes every copy of this handler; without one: all handlers of the event. */
  off<Name extends EventName>(
    eventName: Name,
    callback?: (this: never, event: Events[Name]) => void,
    context?: unknown,
  ): void;

  /**
   * Connects as this person. A second login as the same user renews the userSig.
   *
   * Rejects with 70001 (expired), 70003 (malformed), 70009 (bad signature), 70013 or 70014 (made for another user or another
   * app), 70016 (the server has no apps), 70020 (it does not know this one).
   */
  login(params: LoginParams): Promise<LoginResult>;

  /** Leaves the call and disconnects. */
  logout(): Promise<LogoutResult>;

  /** Calls one person. Asks for the devices; if there is no microphone (60003, 60005), nobody is called. */
  call(params: CallParams): Promise<CallResult>;

  /** Calls several people; in a group call, invites them into it. Each answers for themselves. */
  groupCall(params: GroupCallParams): Promise<GroupCallResult>;

  /** Answers the invitation that rings; `undefined` if none does. Asks for the devices, as `call()` does. */
  accept(params?: AcceptParams): Promise<AcceptResult | undefined>;

  /** Declines the invitation that rings; `undefined` if none does. */
  reject(params?: RejectParams): Promise<RejectResult | undefined>;

  /** Leaves the call; before anybody has answered, cancels it; while it rings here, declines it. */
  hangup(): Promise<HangupResult>;

  /** Shows somebody's camera in this element. Nothing happens if they are not in the call. Sound needs no view. */
  startRemoteView(params: ViewParams): Promise<void>;
  /** Takes somebody's picture away. */
  stopRemoteView(params: StopViewParams): Promise<void>;
  /** Shows one's own camera in this element. */
  startLocalView(params: ViewParams): Promise<void>;
  /** Takes one's own picture away. The camera stays open. */
  stopLocalView(params: StopViewParams): Promise<void>;

  /** Opens the camera of the call; without a call there is none to open. Rejects with 60004 or 60005. */
  openCamera(): Promise<true>;
  /** Closes the camera, and its light goes out. */
  closeCamera(): Promise<true>;
  /** `true`: nothing is heard of this person. */
  setMicMute(isMute: boolean): Promise<true>;
  /** What the camera sends, from the next call on. Default: `480p`. Rejects with `params validate failed`. */
  setVideoQuality<Quality extends VideoQuality>(profile: Quality): Promise<Quality>;

  /** Makes a video call of two a voice call. Rejects with 60001. */
  switchToAudioCall(): Promise<void>;
  /** Makes a voice call of two a video call. The other side's camera stays as it is. Rejects with 60002. */
  switchToVideoCall(): Promise<void>;

  getCameras(): Promise<Device[]>;
  getMicrophones(): Promise<Device[]>;
  /** Empty where the browser does not let pages choose a speaker. */
  getSpeakers(): Promise<Device[]>;

  /** Uses this device from now on. In a call it takes over at once. */
  switchDevice(params: { deviceType: DeviceType; deviceID: string }): Promise<void>;
  switchDevice(params: { deviceType: DeviceType; deviceId: string }): Promise<void>;
  switchDevice(deviceType: DeviceType, deviceID: string): Promise<void>;

  /** 0: everything, 1: what happens, 2: warnings, 3: errors, 4: nothing. */
  setLogLevel(level: number): void;
  /** Empty before the login. */
  getUserID(): string;
  /** 0 without a call. */
  getCallType(): 0 | CallType;
  setCallType(type: 0 | CallType): void;
  /** Whether this person has placed the call. */
  isInviter(): boolean;
  /** Who is in the call or invited into it, besides this person. */
  getInviteeList(): string[];
  /** Who is invited and has not answered yet. */
  getUnHandledInviteeList(): string[];
  isGroupCall(): boolean;
  /** Empty if the call is of no group. */
  getGroupID(): string;
  getCallStatus(): CallStatus;
  /** How many people can be seen or heard. */
  getRemoteStreamCount(): number;
  hasRemoteConnectedUsers(): boolean;
  getVideoQuality(): VideoQuality;
  /** Whether a switch between voice and video waits for its answer. */
  getSwitchCallModeStatus(): boolean;
}
