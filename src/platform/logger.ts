import pino, { type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

const SECRET_KEYS =
  /^(password|newPassword|oldPassword|passwordHash|secret|token|csrf|cookie|set-cookie|authorization|x-csrf-token|\w+_password)$/i;
// Chinese mobile and fixed numbers as carriers write them, not digit runs inside ids, dates or hashes.
const PHONE_NUMBER =
  /(?<![\w.-])((?:\+|00)?86[- ]?)?(1[3-9]\d{9}|0?[1-9]\d{1,2}-\d{7,8}|0[1-9]\d{1,2}\d{7,8})(?![\w-])/g;
const DEEPEST = 6;

/** Text with every full phone number reduced to its first three and last two digits. */
export function withoutNumbers(text: string): string {
  return text.replace(
    PHONE_NUMBER,
    (_, _country, local: string) => `${local.slice(0, 3)}******${local.slice(-2)}`,
  );
}

/** A copy of a value fit for the log: secrets replaced, phone numbers masked, errors kept with their stack. */
export function fitForLog(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutNumbers(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, 100).map((entry) => fitForLog(entry, depth + 1));
  if (isFault(value)) return faultForLog(value, depth);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      SECRET_KEYS.test(key) ? '[secret]' : fitForLog(entry, depth + 1),
    ]),
  );
}

/** By shape, since errors of other realms (workers, contexts) are no instances of our Error. */
function isFault(value: object): value is Error {
  return 'message' in value && 'stack' in value && typeof value.message === 'string';
}

function faultForLog(fault: Error, depth: number): Record<string, unknown> {
  return {
    ...(fitForLog({ ...fault }, depth + 1) as Record<string, unknown>),
    type: fault.name,
    message: withoutNumbers(fault.message),
    stack: withoutNumbers(fault.stack ?? ''),
    ...(fault.cause === undefined ? {} : { cause: fitForLog(fault.cause, depth + 1) }),
  };
}

/**
 * Opens the service's log: one JSON object a line on standard output, instants in ISO 8601 UTC. Whatever is handed to
 * it, no secret and no full phone number is written.
 */
export function openLogger(level: string, destination?: pino.DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (fault: unknown) => fault },
    formatters: {
      level: (label) => ({ level: label }),
      log: (facts) => fitForLog(facts) as Record<string, unknown>,
    },
    hooks: {
      logMethod(args, method) {
        const fit = args.map((entry) => (typeof entry === 'string' ? withoutNumbers(entry) : entry));
        method.apply(this, fit as Parameters<typeof method>);
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}
