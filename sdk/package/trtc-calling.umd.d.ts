/**
 * The classic script: it makes a global `TRTCCalling`, and is a module to AMD and CommonJS loaders.
 *
 * TypeScript learns of the global by `/// <reference types="yodel-trtc-calling/script" />`.
 */
import Class from './trtc-calling.js';

declare global {
  var TRTCCalling: typeof Class;
  type TRTCCalling = Class;
}

export default Class;
