/**
 * Everything that `TRTCCalling` can do, on one page, in plain JavaScript.
 *
 * The page asks the class for something when a person presses a button, and otherwise follows the events: what it shows is
 * what the class has said. Start reading at `listen`.
 */
import TRTCCalling from '/sdk/trtc-calling.js';

const { EVENT, CALL_TYPE } = TRTCCalling;

/** The log is for looking at, not for keeping. */
const LOG_LINES = 200;

const $ = (id) => document.getElementById(id);

/** The instance; there is none before the first login, as it belongs to an app. */
let phone = null;
let app = 0;

// Logging in and out

/** One instance for each app. A second login through the same one renews the userSig. */
function phoneOf(SDKAppID) {
  if (!phone || app !== SDKAppID) {
    phone = new TRTCCalling({ SDKAppID, ringtone: true });
    app = SDKAppID;
    listen(phone);
  }
  return phone;
}

async function logIn({ SDKAppID, userID, userSig }) {
  // The log is shown to others, perhaps. A userSig is as good as a password while it lasts.
  const asked = `login({ userID: '${userID}', userSig: … })`;
  const done = await attempt(asked, () => phoneOf(Number(SDKAppID)).login({ userID, userSig }));
  if (!done) return;
  showIdentity(userID);
  await listDevices();
}

/** Somebody who is signed in to this site gets a userSig from it. Your own server would do the same for your own people. */
async function ownAccount() {
  const response = await fetch('/api/user-sig', {
    method: 'POST',
    credentials: 'same-origin',
    body: new URLSearchParams(),
  });
  if (!response.ok) throw new Error('Sign in to Yodel in another tab first, then press this button again.');
  return response.json();
}

async function logInWithOwnAccount() {
  const account = await attempt("fetch('/api/user-sig')", ownAccount, () => 'a userSig');
  if (!account) return;
  fillLogin(account);
  await logIn(account);
}

async function logOut() {
  await attempt('logout()', () => phone.logout());
  showIdentity('');
  say('Logged out.');
}

function fillLogin(account) {
  for (const field of ['SDKAppID', 'userID', 'userSig']) $('login').elements[field].value = account[field] ?? '';
}

/** A link from `yodel usersig --link` carries the fields after the `#`, which browsers send to no server. */
function readFragment() {
  if (!location.hash) return;
  fillLogin(Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  // The userSig should not stay in the address bar and in the history.
  history.replaceState(null, '', location.pathname);
}

function showIdentity(userID) {
  const loggedIn = userID !== '';
  $('login').hidden = loggedIn;
  $('identity').hidden = !loggedIn;
  $('own-id').textContent = userID;
  $('own-app').textContent = app;
  showStatus();
  (loggedIn ? $('place').elements.people : $('login').elements.userID).focus();
}

// Calling and answering

async function place(form) {
  const userIDList = form.get('people').split(/[\s,]+/).filter(Boolean);
  const type = Number(form.get('type'));
  // Whoever is in a call can only invite people into it, and that is a group call.
  const group = userIDList.length > 1 || phone.getCallStatus() === 'connected';
  const params = { type, ...optional(form) };
  const { groupID, ...single } = params;
  const placed = group
    ? await attempt(`groupCall(${show({ userIDList, ...params })})`, () => phone.groupCall({ userIDList, ...params }))
    : await attempt(`call(${show({ userID: userIDList[0], ...single })})`, () =>
        phone.call({ userID: userIDList[0], ...single }),
      );
  if (!placed) return;
  // Not if somebody has answered, or declined, before the promise was told of.
  if (phone.getCallStatus() === 'calling') say(`Calling ${userIDList.join(', ')} …`);
  showOwnTile(placed);
}

/** What was left empty is left out, so that the server's own values count. */
function optional(form) {
  const params = {};
  if (form.get('timeout')) params.timeout = Number(form.get('timeout'));
  if (form.get('groupID')) params.groupID = form.get('groupID');
  if (form.get('title') || form.get('description')) {
    params.offlinePushInfo = { title: form.get('title'), description: form.get('description') };
  }
  return params;
}

async function accept() {
  hideInvitation();
  const accepted = await attempt('accept()', () => phone.accept());
  // Nothing rings any more if the caller was quicker to hang up.
  if (!accepted) return;
  say('You are in the call.');
  showOwnTile(accepted);
}

async function reject() {
  hideInvitation();
  if (await attempt('reject()', () => phone.reject())) say('You declined.');
}

function showInvitation({ sponsor, userIDList, inviteData }) {
  const kind = inviteData.callType === CALL_TYPE.VIDEO_CALL ? 'video' : 'voice';
  const others = userIDList.filter((userID) => userID !== phone.getUserID());
  $('invitation-title').textContent = `${sponsor} calls you`;
  $('invitation-others').textContent = `A ${kind} call${others.length > 0 ? ` with ${others.join(', ')}` : ''}`;
  // Not modal: the log can still be read. The first button gets the focus, and it goes back to where it was afterwards.
  if (!$('invitation').open) $('invitation').show();
  say(`${sponsor} calls you.`);
}

function hideInvitation() {
  $('invitation').close();
}

// The people in the call

/** An id for the element of this person. User ids are letters, digits, `-` and `_`, so they need no escaping. */
const tileID = (userID) => `tile-${userID}`;

function addTile(userID, name) {
  if ($(tileID(userID))) return;
  const tile = element('li', { id: tileID(userID), className: 'tile' });
  const view = element('div', { id: `view-${userID}`, className: 'view' });
  const letter = element('span', { className: 'letter', textContent: userID.charAt(0), ariaHidden: 'true' });
  const caption = element('p', { className: 'caption', textContent: name });
  const volume = element('meter', { max: 100, value: 0, ariaLabel: `Volume of ${name}` });
  tile.append(letter, view, caption, volume);
  $('tiles').append(tile);
}

/** The class puts its `<video>` into the view, as soon as there is a picture. */
function showPerson(userID) {
  addTile(userID, userID);
  phone.startRemoteView({ userID, videoViewDomID: `view-${userID}` });
}

function hidePerson(userID) {
  phone.stopRemoteView({ userID });
  $(tileID(userID))?.remove();
}

function showOwnTile({ audio, video }) {
  // The call can be over before its promise is told of.
  if (phone.getCallStatus() === 'idle') return;
  const userID = phone.getUserID();
  addTile(userID, `${userID} (you)`);
  // The others may have been quicker, and one's own place is the first.
  $('tiles').prepend($(tileID(userID)));
  // On a phone, the call is further down the page.
  $('stage').scrollIntoView({ block: 'nearest' });
  phone.startLocalView({ userID, videoViewDomID: `view-${userID}` });
  showMicrophone(audio);
  showCamera(video);
  listDevices();
}

function clearTiles() {
  $('tiles').replaceChildren();
}

function showVolumes(volumeMap) {
  for (const { userId, audioVolume } of volumeMap) {
    const meter = $(tileID(userId))?.querySelector('meter');
    if (meter) meter.value = audioVolume;
  }
}

function markTile(userID, mark, isOn) {
  $(tileID(userID))?.classList.toggle(mark, isOn);
}

// Microphone, camera, type of the call

async function toggleMicrophone() {
  const mute = isPressed('microphone');
  if (await attempt(`setMicMute(${mute})`, () => phone.setMicMute(mute))) showMicrophone(!mute);
}

async function toggleCamera() {
  const method = isPressed('camera') ? 'closeCamera' : 'openCamera';
  if (await attempt(`${method}()`, () => phone[method]())) showCamera(method === 'openCamera');
}

async function switchType() {
  const method = phone.getCallType() === CALL_TYPE.VIDEO_CALL ? 'switchToAudioCall' : 'switchToVideoCall';
  await attempt(`${method}()`, () => phone[method]());
}

function showType(callType) {
  $('stage').dataset.type = callType;
  $('switch').textContent = callType === CALL_TYPE.VIDEO_CALL ? 'To voice' : 'To video';
}

function showMicrophone(isOn) {
  press('microphone', isOn);
  markTile(phone.getUserID(), 'silent', !isOn);
}

function showCamera(isOn) {
  press('camera', isOn);
  markTile(phone.getUserID(), 'seen', isOn);
}

/** The state is said by `aria-pressed`, and the style follows from that: it cannot look other than it is read. */
function press(id, isPressed) {
  $(id).ariaPressed = String(isPressed);
}

function isPressed(id) {
  return $(id).ariaPressed === 'true';
}

// Devices

async function listDevices() {
  fill($('cameras'), await phone.getCameras());
  fill($('microphones'), await phone.getMicrophones());
  fill($('speakers'), await phone.getSpeakers());
}

function fill(select, devices) {
  const chosen = select.value;
  // Browsers tell the names of devices only after the person has allowed one.
  const options = devices.map(({ deviceId, label }, at) => new Option(label || `Device ${at + 1}`, deviceId));
  // Not every browser lets a page choose a speaker.
  select.replaceChildren(...(options.length > 0 ? options : [new Option('The system’s', '')]));
  if (devices.some(({ deviceId }) => deviceId === chosen)) select.value = chosen;
  select.disabled = devices.length === 0;
}

async function switchDevice({ dataset, value }) {
  const params = { deviceType: dataset.device, deviceID: value };
  await attempt(`switchDevice(${show(params)})`, () => phone.switchDevice(params));
}

async function setQuality(quality) {
  await attempt(`setVideoQuality('${quality}')`, () => phone.setVideoQuality(quality));
}

// What the class tells

/** What this page does at each event. Every event is logged as well. */
const handlers = {
  [EVENT.SDK_READY]: () => say('Ready. Call somebody, or wait to be called.'),
  [EVENT.INVITED]: showInvitation,
  [EVENT.CALLING_CANCEL]: ({ sponsor }) => missed(`${sponsor} has hung up.`),
  [EVENT.CALLING_TIMEOUT]: ({ sponsor }) => missed(`You missed a call from ${sponsor}.`),
  [EVENT.USER_ACCEPT]: ({ userID }) => say(`${userID} accepts.`),
  [EVENT.USER_ENTER]: ({ userID }) => showPerson(userID),
  [EVENT.USER_LEAVE]: ({ userID }) => hidePerson(userID),
  [EVENT.REJECT]: ({ userID }) => say(`${userID} declined.`),
  [EVENT.NO_RESP]: ({ userIDList }) => say(`${userIDList.join(', ')} did not answer.`),
  [EVENT.LINE_BUSY]: ({ userID }) => say(`${userID} is in another call.`),
  [EVENT.CALL_END]: endCall,
  [EVENT.KICKED_OUT]: kickedOut,
  [EVENT.USER_VIDEO_AVAILABLE]: ({ userID, isVideoAvailable }) => markTile(userID, 'seen', isVideoAvailable),
  [EVENT.USER_AUDIO_AVAILABLE]: ({ userID, isAudioAvailable }) => markTile(userID, 'silent', !isAudioAvailable),
  [EVENT.USER_VOICE_VOLUME]: ({ volumeMap }) => showVolumes(volumeMap),
  [EVENT.GROUP_CALL_INVITEE_LIST_UPDATE]: ({ userIDList }) => say(`In the call or called: ${userIDList.join(', ')}.`),
  [EVENT.CALL_TYPE_CHANGED]: changeType,
  [EVENT.RECONNECTING]: () => say('The connection with the server is lost. Trying again.'),
  [EVENT.RECONNECTED]: () => say('The connection is back.'),
  [EVENT.ERROR]: fail,
};

/** The userSig has expired, and with it the login is over. */
const EXPIRED = 70001;

function fail({ code, msg }) {
  if (code === EXPIRED) showIdentity('');
  say(msg, 'failure');
}

function listen(phone) {
  for (const [name, handle] of Object.entries(handlers)) {
    phone.on(name, (event) => {
      if (name !== EVENT.USER_VOICE_VOLUME || $('with-volume').checked) log(name, show(event), 'event');
      handle(event);
      showStatus();
    });
  }
}

function missed(sentence) {
  hideInvitation();
  say(sentence);
}

function endCall({ callEnd, reason }) {
  hideInvitation();
  clearTiles();
  // What has just been said of one person says why, unless the call was a connected one.
  if (callEnd > 0 || !['rejected', 'busy', 'noAnswer'].includes(reason)) {
    say(`The call is over after ${callEnd} seconds (${reason}).`);
  }
}

function kickedOut() {
  showIdentity('');
  say('You have logged in somewhere else.');
}

function changeType({ callType, userID }) {
  showType(callType);
  const isVideo = callType === CALL_TYPE.VIDEO_CALL;
  say(`${userID} made this a ${isVideo ? 'video call. Open your camera if you like' : 'voice call'}.`);
  // A voice call has no pictures, and one's own camera is closed with it.
  if (!isVideo) showCamera(false);
}

// What people see and hear of it

/** One sentence about the present, which screen readers read out. */
function say(sentence, kind = '') {
  $('said').textContent = sentence;
  $('said').className = kind;
}

/** The one place where buttons are enabled and disabled: by the status that the class tells. */
function showStatus() {
  const loggedIn = !$('identity').hidden;
  const status = loggedIn ? phone.getCallStatus() : 'offline';
  $('status').textContent = loggedIn ? status : 'logged out';
  $('status').dataset.status = status;
  const connected = status === 'connected';
  const canPlace = status === 'idle' || (connected && phone.isGroupCall());
  $('place').querySelector('fieldset').disabled = !canPlace;
  $('place-button').textContent = connected ? 'Invite' : 'Call';
  for (const id of ['microphone', 'camera']) $(id).disabled = !connected;
  $('switch').disabled = !connected || phone.isGroupCall();
  $('hangup').disabled = !connected && status !== 'calling';
  $('quality').disabled = !loggedIn;
  if (connected) showType(phone.getCallType());
  keepFocus();
}

/** A button that is disabled loses the focus, and somebody with a keyboard would be at the top of the page again. */
function keepFocus() {
  const focused = document.activeElement;
  if (focused !== document.body && !focused.matches(':disabled')) return;
  // Not to a field: that would bring the keyboard of a phone up.
  const next = [$('hangup'), $('place-button')].find((button) => !button.matches(':disabled'));
  next?.focus({ preventScroll: true });
}

/** Does something, logs what was asked and what came of it, and says what went wrong. Resolves with `undefined` then. */
async function attempt(asked, act, describe = show) {
  log(asked, '', 'method');
  try {
    const result = await act();
    log(asked.replace(/\(.*$/s, ''), describe(result), 'result');
    return result;
  } catch (error) {
    log(asked.replace(/\(.*$/s, ''), `${error.code ?? ''} ${error.message}`.trim(), 'failure');
    say(error.message, 'failure');
    return undefined;
  } finally {
    showStatus();
  }
}

/** The newest line is the first, so that nothing has to be scrolled to. */
function log(name, text, kind) {
  const time = new Date().toLocaleTimeString([], { hour12: false });
  const line = element('li', { className: kind });
  const code = element('code');
  // As text, never as markup: ids and payloads come from other people. Long lines break after a comma.
  text.split(/(?<=,)/).forEach((part, at) => code.append(...(at > 0 ? [element('wbr')] : []), part));
  line.append(element('time', { textContent: time }), element('strong', { textContent: name }), code);
  $('log').prepend(line);
  while ($('log').children.length > LOG_LINES) $('log').lastElementChild.remove();
}

function show(value) {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

// Buttons and fields

function onSubmit(id, act) {
  $(id).addEventListener('submit', (event) => {
    event.preventDefault();
    act(new FormData(event.target));
  });
}

function onClick(id, act) {
  $(id).addEventListener('click', act);
}

onSubmit('login', (form) => logIn(Object.fromEntries(form)));
onSubmit('place', place);
onClick('own-account', logInWithOwnAccount);
onClick('logout', logOut);
onClick('accept', accept);
onClick('reject', reject);
onClick('hangup', () => attempt('hangup()', () => phone.hangup()));
onClick('microphone', toggleMicrophone);
onClick('camera', toggleCamera);
onClick('switch', switchType);
onClick('clear', () => $('log').replaceChildren());
$('quality').addEventListener('change', ({ target }) => setQuality(target.value));
for (const id of ['cameras', 'microphones', 'speakers']) {
  $(id).addEventListener('change', ({ target }) => switchDevice(target));
}
// Plugged in or pulled out.
navigator.mediaDevices?.addEventListener('devicechange', () => phone && listDevices());

readFragment();
// Another link, pasted into the same tab.
window.addEventListener('hashchange', readFragment);
