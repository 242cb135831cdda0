import { HotlineError } from '../errors';
import type { DialRequest } from './call-control';

/** What may stand in a SIP account, a channel name and a switch's configuration. */
export function checkAccount(account: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(account))
    throw new HotlineError('invalid-input', '话机账号不合法', { account });
}

/** A target that cannot be mistaken for anything else in a dial string. */
export function checkTarget(to: DialRequest['to']): void {
  if ('account' in to) return checkAccount(to.account);
  if (!/^\+?[0-9*#]{1,32}$/.test(to.number))
    throw new HotlineError('invalid-input', '号码不合法', { number: to.number });
}

/** Names of sound files, never paths out of their folder. */
export function checkSounds(sounds: readonly string[]): void {
  if (
    sounds.length === 0 ||
    !sounds.every((sound) => /^[\w-]+(\/[\w-]+)*$/.test(sound) && sound.length <= 80)
  )
    throw new HotlineError('invalid-input', '提示音名称不合法', { sounds });
}

/** A name for a recording's files, never a path. */
export function checkRecordingId(recordingId: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/.test(recordingId))
    throw new HotlineError('invalid-input', '录音编号不合法', { recordingId });
}

/** Key presses, and no more of them than a person would send at once. */
export function checkDigits(digits: string): void {
  if (!/^[0-9*#A-D]{1,32}$/.test(digits)) throw new HotlineError('invalid-input', '按键不合法', { digits });
}
