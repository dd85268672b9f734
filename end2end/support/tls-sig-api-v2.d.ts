/** What the tests use of the public userSig generator, which declares nothing itself. */
declare module 'tls-sig-api-v2' {
  export class Api {
    constructor(sdkAppID: number, secret: string);
    /** A userSig that is good for this many seconds. */
    genUserSig(userID: string, seconds: number): string;
    /** The signature alone, in base64. */
    _hmacsha256(userID: string, time: number, seconds: number, userBuf: string | null): string;
  }
}
