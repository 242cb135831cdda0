/** The desk's keys. Function keys work everywhere, also while typing; nothing else may steal a letter from a text field. */
export const SHORTCUTS = {
  F1: 'emergency',
  F2: 'answer',
  F3: 'consult',
  F4: 'hold',
  F6: 'mute',
  F7: 'threeWay',
  F8: 'hangUp',
  F9: 'newTicket',
  F10: 'transfer',
  'Ctrl+F9': 'recording',
  'Ctrl+Enter': 'submitTicket',
} as const;
export type ShortcutKey = keyof typeof SHORTCUTS;
export type Shortcut = (typeof SHORTCUTS)[ShortcutKey];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  /** The key is held down: counts once. */
  repeat: boolean;
  /** An input method is composing: Enter belongs to it. */
  isComposing: boolean;
}

/** The command of a key press; null for everything that is not ours. */
export function shortcutOf(press: KeyPress): Shortcut | null {
  if (press.repeat || press.isComposing || press.altKey || press.shiftKey) return null;
  const ctrl = press.ctrlKey || press.metaKey;
  const name = ctrl ? `Ctrl+${press.key}` : press.key;
  return Object.hasOwn(SHORTCUTS, name) ? SHORTCUTS[name as ShortcutKey] : null;
}

/** The key to show on a command's button. */
export function keyOf(shortcut: Shortcut): ShortcutKey {
  return (Object.keys(SHORTCUTS) as ShortcutKey[]).find((key) => SHORTCUTS[key] === shortcut) ?? 'F2';
}
