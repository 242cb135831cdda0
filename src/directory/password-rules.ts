const SHORTEST = 10;
const LONGEST = 128;
/** Beginnings of what is guessed first. */
const GUESSED = [
  'password',
  'passw0rd',
  'qwerty',
  'admin',
  'welcome',
  'iloveyou',
  'abc123',
  'woaini',
  'hotline',
  'changzhi',
];

/**
 * Why a password cannot be used, in Chinese, or null. Length counts (NIST SP 800-63B): no forced mixture of signs, but
 * nothing that is guessed first, no runs, and not the person's own name.
 */
export function passwordFault(password: string, names: readonly string[]): string | null {
  const length = [...password].length;
  if (length < SHORTEST) return `密码至少 ${SHORTEST} 个字符`;
  if (length > LONGEST) return `密码最多 ${LONGEST} 个字符`;
  const plain = password.normalize('NFKC').toLowerCase();
  if (new Set(plain).size < 5) return '密码重复的字符太多';
  if (isRun(plain)) return '密码不能是连续的数字或字母';
  if (GUESSED.some((word) => plain.startsWith(word) && length < word.length + 6)) return '密码太常见';
  const own = names.map((name) => name.normalize('NFKC').toLowerCase()).filter((name) => name.length >= 2);
  if (own.some((name) => plain.includes(name))) return '密码不能包含本人的姓名或登录名';
  return null;
}

/** Each character follows the one before by the same small step, such as 1234567890 or 9876543210. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const even = steps.filter((step) => Math.abs(step) === 1).length;
  return even >= steps.length - 1;
}
