// The class that pages see. What a call is, and what happens in it, is decided in WebAssembly; here is only what a page may
// use before that has been loaded: the constructor, the handlers of events, and the questions that are answered at once.

import { Calling, initSync } from './glue.js';

const EVENT = Object.freeze({
  ERROR: 'onError',
  SDK_READY: 'sdkReady',
  INVITED: 'onInvited',
  USER_ACCEPT: 'onUserAccept',
  USER_ENTER: 'onUserEnter',
  USER_LEAVE: 'onUserLeave',
  REJECT: 'onReject',
  NO_RESP: 'onNoResp',
  LINE_BUSY: 'onLineBusy',
  CALLING_CANCEL: 'onCallingCancel',
  CALLING_TIMEOUT: 'onCallingTimeout',
  CALL_END: 'onCallEnd',
  CALLING_END: 'onCallEnd',
  KICKED_OUT: 'onKickedOut',
  USER_VIDEO_AVAILABLE: 'onUserVideoAvailable',
  USER_AUDIO_AVAILABLE: 'onUserAudioAvailable',
  USER_VOICE_VOLUME: 'onUserVoiceVolume',
  GROUP_CALL_INVITEE_LIST_UPDATE: 'onGroupCallInviteeListUpdate',
  CALL_TYPE_CHANGED: 'onCallTypeChanged',
  RECONNECTING: 'onReconnecting',
  RECONNECTED: 'onReconnected',
});

const CALL_TYPE = Object.freeze({ UNKNOWN: 0, AUDIO_CALL: 1, VIDEO_CALL: 2 });

/** Where this script came from: the WebAssembly lies beside it, and by default its server is the one to call on. */
const home = import.meta.url;

let loading;

async function load() {
  const answer = await fetch(new URL('./trtc-calling.wasm', import.meta.url));
  if (!answer.ok) throw new Error(`${answer.url} was answered with ${answer.status}`);
  // Not as a stream: servers that know no type for WebAssembly will do.
  initSync({ module: await WebAssembly.compile(await answer.arrayBuffer()) });
}

/** Loads the WebAssembly, once for all instances. If that fails, the next one who asks tries again. */
function loaded() {
  loading ??= load().catch((cause) => {
    loading = undefined;
    throw new Error('trtc-calling.wasm could not be loaded: it belongs beside the script, and a Content-Security-Policy needs wasm-unsafe-eval', { cause });
  });
  return loading;
}

/** The socket of a server, or nothing if that is no URL. */
function socketOf(server) {
  try {
    const url = new URL('/sdk/ws', server);
    url.protocol = /^(http|ws):$/.test(url.protocol) ? 'ws:' : 'wss:';
    return url.href;
  } catch {
    return '';
  }
}

export default class TRTCCalling {
  static EVENT = EVENT;
  static CALL_TYPE = CALL_TYPE;

  #handlers = new Map();
  #logLevel = 0;
  #open;
  #calling;

  constructor(options) {
    const { SDKAppID, server = home, ringtone = false } = options ?? {};
    const id = Number(SDKAppID === '' ? NaN : SDKAppID ?? NaN);
    if (!Number.isInteger(id) || id < 0) {
      throw new TypeError('new TRTCCalling - SDKAppID has to be the number of an app of the server');
    }
    // 0 stands in the documentation's own example, to be replaced. Nobody can log in with it.
    const app = id === 0 || id > 0xffffffff ? '' : String(id);
    const emit = (name, payload) => this.#emit(name, payload);
    this.#open = () => new Calling(app, socketOf(server), ringtone === true, emit);
    // Begun now, so that it is there when somebody logs in. Whoever asks for something is told if it fails.
    loaded().catch(() => {});
  }

  on(name, callback, context = this) {
    if (typeof callback !== 'function') {
      throw new TypeError(`TRTCCalling.on - the handler of ${String(name)} has to be a function`);
    }
    if (!Object.values(EVENT).includes(name)) this.#warn(`TRTCCalling.on - there is no event ${String(name)}`);
    const handlers = this.#handlers.get(name) ?? [];
    this.#handlers.set(name, [...handlers, { callback, context }]);
  }

  off(name, callback) {
    if (callback === undefined) {
      this.#handlers.delete(name);
      return;
    }
    const kept = (this.#handlers.get(name) ?? []).filter((handler) => handler.callback !== callback);
    this.#handlers.set(name, kept);
  }

  login(params) { return this.#ask('login', params); }
  logout() { return this.#ask('logout'); }

  call(params) { return this.#ask('call', params); }
  groupCall(params) { return this.#ask('groupCall', params); }
  accept() { return this.#answer('accept'); }
  reject() { return this.#answer('reject'); }
  hangup() { return this.#ask('hangup'); }
  switchToAudioCall() { return this.#ask('switchToAudioCall'); }
  switchToVideoCall() { return this.#ask('switchToVideoCall'); }

  startRemoteView(params) { return this.#show('startRemoteView', params); }
  stopRemoteView(params) { return this.#ask('stopRemoteView', params); }
  startLocalView(params) { return this.#show('startLocalView', params); }
  stopLocalView(params) { return this.#ask('stopLocalView', params); }

  openCamera() { return this.#ask('openCamera'); }
  closeCamera() { return this.#ask('closeCamera'); }
  setMicMute(mute) { return this.#ask('setMicMute', mute); }
  setVideoQuality(quality) { return this.#ask('setVideoQuality', quality); }
  getCameras() { return this.#ask('getCameras'); }
  getMicrophones() { return this.#ask('getMicrophones'); }
  getSpeakers() { return this.#ask('getSpeakers'); }

  /** `({deviceType, deviceID})`, `({deviceType, deviceId})` or `(deviceType, deviceID)`. */
  switchDevice(device, id) {
    const { deviceType, deviceID, deviceId } = typeof device === 'object' ? (device ?? {}) : { deviceType: device, deviceID: id };
    return this.#ask('switchDevice', deviceType, deviceID ?? deviceId);
  }

  getUserID() { return this.#look('getUserID', ''); }
  getCallStatus() { return this.#look('getCallStatus', 'idle'); }
  getCallType() { return this.#look('getCallType', CALL_TYPE.UNKNOWN); }
  isInviter() { return this.#look('isInviter', false); }
  isGroupCall() { return this.#look('isGroupCall', false); }
  getGroupID() { return this.#look('getGroupID', ''); }
  getInviteeList() { return this.#look('getInviteeList', []); }
  getUnHandledInviteeList() { return this.#look('getUnHandledInviteeList', []); }
  getRemoteStreamCount() { return this.#look('getRemoteStreamCount', 0); }
  hasRemoteConnectedUsers() { return this.#look('hasRemoteConnectedUsers', false); }
  getSwitchCallModeStatus() { return this.#look('getSwitchCallModeStatus', false); }
  getVideoQuality() { return this.#look('getVideoQuality', '480p'); }

  setCallType(type) {
    this.#loaded().then((calling) => calling.setCallType(Number(type)), () => {});
  }

  /** From 0, everything, to 4, nothing: what is written to the console. */
  setLogLevel(level) { this.#logLevel = level; }

  async #loaded() {
    await loaded();
    this.#calling ??= this.#open();
    return this.#calling;
  }

  /** Whoever listens to the event ERROR alone, as the documentation does, has to handle no rejection. */
  #ask(method, first, second) {
    const done = this.#loaded().then((calling) => calling.ask(method, first, second));
    done.catch(({ message }) => this.#warn(message));
    return done;
  }

  /** What is known at once; nothing is before the first question or wish. */
  #look(question, unknown) {
    return this.#calling ? this.#calling.look()[question] : unknown;
  }

  #answer(method) {
    const done = this.#ask(method);
    done.then((result) => result ?? this.#warn(`TRTCCalling.${method} - nobody calls`), () => {});
    return done;
  }

  #show(method, params) {
    const done = this.#ask(method, params);
    const warnIfMissing = () => {
      const { videoViewDomID: id } = params;
      if (document.getElementById(id) === null) {
        this.#warn(`TRTCCalling.${method} - there is no element with the id ${id}; the picture appears when there is one`);
      }
    };
    done.then(warnIfMissing, () => {});
    return done;
  }

  #warn(text) {
    if (this.#logLevel < 4) console.warn(text);
  }

  /** Handlers are independent of one another and of the call: what one throws goes to the page's `error` event. */
  #emit(name, payload) {
    for (const { callback, context } of this.#handlers.get(name) ?? []) {
      try {
        callback.call(context, payload);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
