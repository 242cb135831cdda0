/** Every printed time is the city's, whatever the computer is set to (DESIGN §8). */
const ZONE = 'Asia/Shanghai';
type Instant = number | string | Date;

const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

function read(instant: Instant): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
}

/** `2026-11-24`, in the city's zone. Takes ms since the epoch or ISO 8601. */
export function dayText(instant: Instant): string {
  const at = read(instant);
  return `${at['year']}-${at['month']}-${at['day']}`;
}

/** `08:05`, or `08:05:09` with seconds, in the city's zone. */
export function clockText(instant: Instant, withSeconds = false): string {
  const at = read(instant);
  return `${at['hour']}:${at['minute']}${withSeconds ? `:${at['second']}` : ''}`;
}

/** `2026-11-24 08:05`, in the city's zone; an em dash for nothing. */
export function timeText(instant: Instant | null | undefined): string {
  return instant === null || instant === undefined ? '—' : `${dayText(instant)} ${clockText(instant)}`;
}

/** `今天 08:05`, `昨天 08:05`, `11-24 08:05` within the year, else the whole date. `now` in ms since the epoch. */
export function nearTimeText(instant: Instant, now: number): string {
  const day = dayText(instant);
  if (day === dayText(now)) return `今天 ${clockText(instant)}`;
  if (day === dayText(now - 86_400_000)) return `昨天 ${clockText(instant)}`;
  return day.slice(0, 4) === dayText(now).slice(0, 4)
    ? `${day.slice(5)} ${clockText(instant)}`
    : timeText(instant);
}

/** A running timer: `00:07`, `12:40`, `1:02:40`. Takes milliseconds; below zero is zero. */
export function timerText(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** A length in words: `8 秒`, `2 分 30 秒`, `1 小时 2 分`. Takes seconds; an em dash for nothing. */
export function lengthText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '—';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} 秒`;
  if (whole < 3600) return `${Math.floor(whole / 60)} 分${whole % 60 ? ` ${whole % 60} 秒` : ''}`;
  return `${Math.floor(whole / 3600)} 小时 ${Math.floor((whole % 3600) / 60)} 分`;
}
