import { z } from 'zod';

/** Every technical setting: name, meaning, default, check. Read once by main.ts; all faults are reported at once. */
const flag = (byDefault: boolean) =>
  z
    .enum(['true', 'false'])
    .default(byDefault ? 'true' : 'false')
    .transform((text) => text === 'true');
const port = (byDefault: number) => z.coerce.number().int().min(1).max(65535).default(byDefault);
const seconds = (byDefault: number, min: number, max: number) =>
  z.coerce.number().min(min).max(max).default(byDefault);

const QUIET = /^(none|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$/;
const megabytes = (byDefault: number) => z.coerce.number().int().min(1).max(500).default(byDefault);
const points = (byDefault: number) => z.coerce.number().int().min(0).max(50).default(byDefault);

export const settings = z
  .object({
    HTTP_HOST: z.string().default('127.0.0.1').describe('Address the web and API listen on'),
    HTTP_PORT: port(8012).describe('Port of the web and API'),
    TLS: z
      .enum(['off', 'files', 'self-signed'])
      .default('off')
      .describe('HTTPS: browsers give the microphone to secure pages (or localhost) only'),
    TLS_CERT_FILE: z.string().optional().describe('Certificate (PEM) for TLS=files'),
    TLS_KEY_FILE: z.string().optional().describe('Private key (PEM) for TLS=files'),
    TRUST_PROXY: flag(false).describe('Believe X-Forwarded-For of a reverse proxy'),
    VAR_DIR: z.string().default('var').describe('Folder for generated secrets and certificates'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('Least severe log level written'),

    POSTGRES_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .describe('PostgreSQL to keep tickets, lines, people and records in'),
    REDIS_URL: z.url({ protocol: /^rediss?$/ }).describe('Redis for live state, journal and BullMQ'),
    REDIS_PREFIX: z
      .string()
      .regex(/^[a-z0-9-]{1,30}$/)
      .default('hotline')
      .describe('Prefix of every key in Redis'),

    SWITCH: z.enum(['asterisk', 'simulated']).default('asterisk').describe('The telephone switch'),
    ARI_URL: z
      .url({ protocol: /^https?$/ })
      .default('http://127.0.0.1:8088')
      .describe('Asterisk HTTP server'),
    ARI_USERNAME: z.string().default('hotline').describe('ARI user'),
    ARI_PASSWORD: z.string().default('').describe('ARI password'),
    ARI_APP: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('hotline')
      .describe('Name of the Stasis application'),
    ARI_LINK: z
      .enum(['auto', 'ari-client', 'direct'])
      .default('auto')
      .describe('How to talk ARI: direct sends requests over the websocket (Asterisk 22.4 and later)'),
    SWITCH_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .max(60000)
      .default(4000)
      .describe('Time limit of each request to the switch'),
    PHONE_WS_URL: z
      .url({ protocol: /^wss?$/ })
      .default('ws://127.0.0.1:8088/ws')
      .describe('Where the switch takes browser phones; proxied below /phone'),

    AREA_CODE: z
      .string()
      .regex(/^0\d{2,3}$/)
      .default('0355')
      .describe('Area code of the city, for numbers written without one'),
    HOTLINE_NUMBER: z
      .string()
      .regex(/^\d{3,12}$/)
      .default('12345')
      .describe('The number citizens dial'),

    GREETING: flag(true).describe('Play the line’s greeting (the recorded-call notice is always played)'),
    RECORDED_NOTICE: flag(true).describe(
      'Play the recorded-call notice before any talk; switch off only where calls are not recorded',
    ),
    RING_WHILE_GREETING: flag(true).describe('Reserve and ring a seat while the greeting plays'),
    OFFER_SECONDS: seconds(20, 3, 120).describe(
      'How long a seat may ring before it counts as no answer (RONA)',
    ),
    REMOTE_OFFER_SECONDS: seconds(30, 3, 120).describe(
      'The same for a seat at an ordinary telephone, which carriers ring slower',
    ),
    RONA_BACK_SECONDS: seconds(0, 0, 3600).describe(
      'Put a seat back to ready this long after RONA; 0 waits for its agent',
    ),
    WRAP_UP_SECONDS: seconds(60, 0, 1800).describe(
      'Longest wrap-up (话后整理) before the seat is ready again',
    ),
    ANNOUNCE_POSITION_SECONDS: seconds(30, 5, 600).describe(
      'How often a waiting caller is told the position',
    ),
    AGEING_SECONDS: seconds(60, 5, 3600).describe('Waiting this long raises a call’s priority by one'),
    REPEAT_HOURS: z.coerce
      .number()
      .min(0)
      .max(168)
      .default(24)
      .describe(
        'A call of the same number within so many hours is a repeated one, and its last agent is known',
      ),
    REPEAT_PRIORITY: points(1).describe('Priority a repeated call gets more'),
    URGENT_PRIORITY: points(3).describe(
      'Priority a call gets more while an urgent work order of its number is open',
    ),
    LAST_AGENT_SECONDS: seconds(5, 0, 60).describe(
      'How long a waiting call goes to the agent who talked with the citizen last before anybody else; 0: not at all',
    ),
    OUTSIDE_SECONDS: seconds(45, 5, 180).describe(
      'How long a citizen or somebody outside is rung before it counts as no answer',
    ),
    HOLD_REMINDER_SECONDS: seconds(120, 5, 3600).describe(
      'After so long on hold the agent is reminded of the citizen, and again each time it has passed',
    ),
    RESCUE_SECONDS: seconds(30, 0, 300).describe(
      'How long a seat whose phone was lost in a talk is rung again before the citizen goes to the front of the queue; 0: the call ends',
    ),
    RATING_SECONDS: seconds(8, 0, 60).describe(
      'How long the key of the rating (好差评) is waited for after the question; 0: nobody is asked',
    ),
    WAITING_CHOICE: flag(true).describe(
      'Waiting citizens may press 1 to be called back or 2 to leave a message',
    ),
    MESSAGE_WHEN_NO_SEAT: flag(true).describe(
      'Take a voice message when nobody who could answer is signed in',
    ),
    MONITOR_SHOWN: flag(false).describe(
      'Show an agent that a supervisor listens or whispers; barging in is always shown',
    ),
    MESSAGE_SECONDS: seconds(180, 10, 900).describe('Longest voice message'),
    PROMPTS_DIR: z
      .string()
      .optional()
      .describe(
        'Folder of replaced recordings, which the switch has as sounds/zh_CN; empty: prompts in VAR_DIR',
      ),
    FFMPEG: z.string().default('ffmpeg').describe('Program that converts uploaded recordings'),
    LETTER_FONT: z
      .string()
      .optional()
      .describe('TrueType file with Chinese for the PDF of official letters (S2); empty: DOCX only'),
    LETTER_ISSUER: z
      .string()
      .trim()
      .min(1)
      .max(40)
      .default('12345政务服务热线')
      .describe('Who signs official letters, summaries and case files'),
    RECORD_CALLS: flag(true).describe('Record every talk from its answer on, in stereo'),
    RECORDINGS_DIR: z
      .string()
      .optional()
      .describe('Folder of the recordings; `recordings` below VAR_DIR when not set'),
    RECORDING_KEEP_DAYS: z.coerce
      .number()
      .int()
      .min(0)
      .max(36_500)
      .default(730)
      .describe('Recordings are deleted after so many days, unless somebody keeps them; 0 keeps all'),
    AGENTS_HEAR_OWN_CALLS: flag(true).describe('Agents may hear the recordings of their own calls'),
    CALLBACKS: flag(true).describe('Call back whoever was not served (漏接回拨)'),
    CALLBACK_SHORTEST_SECONDS: seconds(5, 0, 120).describe(
      'Whoever hung up sooner than this after calling is owed no callback',
    ),
    CALLBACK_AFTER_SECONDS: seconds(60, 0, 3600).describe(
      'How long after hanging up a citizen is called back at the earliest (many call again at once); whoever asked by key, at once',
    ),
    CALLBACK_QUIET_HOURS: z
      .string()
      .regex(QUIET)
      .default('21:30-08:00')
      .describe(
        'City times between which nobody is called back, or none; a citizen who asked by key within the last hour is all the same',
      ),
    CALLBACK_ATTEMPTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(10)
      .default(3)
      .describe('How often a citizen is dialled before the callback is given up'),
    CALLBACK_RETRY_SECONDS: seconds(600, 1, 86_400).describe(
      'Before the second attempt of a callback; three times as long before each further one',
    ),
    CALLBACK_PATIENCE_SECONDS: seconds(3600, 60, 86_400).describe(
      'A callback takes a seat only that no waiting citizen wants; owed longer than this, it joins the end of the line, one at a time in a queue',
    ),
    CALLBACK_HOURS: z.coerce.number().min(1).max(168).default(24).describe('A callback owed longer expires'),
    CALLBACK_TARGET_MINUTES: z.coerce
      .number()
      .min(1)
      .max(2880)
      .default(120)
      .describe('A callback answered within this time counts as done in time'),
    INTAKE_MENU: flag(false).describe(
      'Offer the digit menu of the line before queueing (GB/T 33358 discourages menus)',
    ),
    NUISANCE_MAX_DAYS: z.coerce
      .number()
      .int()
      .min(1)
      .max(366)
      .default(90)
      .describe('Longest time an entry of the nuisance list may block a caller, in days'),
    NUISANCE_REPEAT_CALLS: z.coerce
      .number()
      .int()
      .min(2)
      .max(100)
      .default(3)
      .describe('A blocked caller is put through, flagged, at this many calls in a row'),
    NUISANCE_REPEAT_MINUTES: z.coerce
      .number()
      .min(1)
      .max(1440)
      .default(10)
      .describe('Time within which blocked calls count as calls in a row, in minutes'),

    SHORT_ABANDON_SECONDS: seconds(5, 0, 60).describe(
      'Who hangs up this soon after calling is counted apart as a short abandoned call; 0: nobody',
    ),

    SESSION_HOURS: z.coerce
      .number()
      .min(1)
      .max(72)
      .default(12)
      .describe('A session ends after this many hours without use'),
    REMIND_WORKING_HOURS_BEFORE: z.coerce
      .number()
      .min(0.01)
      .max(80)
      .default(8)
      .describe('Reminder this many working hours before a due date (S1)'),
    OPEN311_SHOWS: z
      .enum(['own', 'all'])
      .default('own')
      .describe('What Open311 shows: requests that came in by it, or every one that is not confidential'),
    OPEN311_JURISDICTION: z
      .string()
      .max(80)
      .default('')
      .describe('The jurisdiction_id of this city in Open311; empty takes any'),
    OPEN311_POSTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(30)
      .describe('Requests a minute that one Open311 key may make'),
    OPEN311_READS: z.coerce
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(120)
      .describe('Questions a minute that one address may ask of Open311'),
    LINE_ENDS_DAYS: z.coerce
      .number()
      .int()
      .min(0)
      .max(366)
      .default(30)
      .describe('Who dials a number that is withdrawn within so many days is told the day; 0: nobody'),
    MOST_REOPENED: z.coerce
      .number()
      .int()
      .min(0)
      .max(20)
      .default(2)
      .describe('How often a work order may be reopened (E1)'),
    ATTACHMENTS_DIR: z
      .string()
      .optional()
      .describe('Folder of the attachments; `attachments` below VAR_DIR when not set'),
    ATTACHMENT_IMAGE_MB: megabytes(10).describe('Largest picture attached, in MB'),
    ATTACHMENT_DOCUMENT_MB: megabytes(20).describe('Largest document attached, in MB'),
    ATTACHMENT_MEDIA_MB: megabytes(20).describe('Largest sound or video attached, in MB'),
    ATTACHMENTS_MB: megabytes(100).describe('Most that all attachments of one work order may have, in MB'),
    VIRUS_SCANNER: z
      .url({ protocol: /^(tcp|unix)$/ })
      .optional()
      .describe(
        'A clamd that scans attachments before anybody gets them: tcp://host:3310 or unix:/run/clamav/clamd.ctl',
      ),
    PUBLIC_URL: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address at which citizens reach the public pages; without it no survey link is sent'),
    FOLLOW_UP_ANSWERED_PERCENT: z.coerce
      .number()
      .int()
      .min(0)
      .max(100)
      .default(10)
      .describe('Share of the directly answered work orders that is followed up, in percent (E1)'),
    FOLLOW_UP_WORKING_HOURS: z.coerce
      .number()
      .min(1)
      .max(400)
      .default(16)
      .describe('A follow-up is due so many working hours after the conclusion (E1)'),
    FOLLOW_UP_ATTEMPTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe('Not reached so often, a citizen is followed up no more'),
    SURVEY_LINK_DAYS: z.coerce
      .number()
      .int()
      .min(1)
      .max(365)
      .default(15)
      .describe('A survey link expires after so many days'),
    APPEAL_WORKING_DAYS: z.coerce
      .number()
      .int()
      .min(1)
      .max(60)
      .default(5)
      .describe('A unit may appeal against an evaluation within so many working days'),
    WEBHOOK_PRIVATE: flag(false).describe(
      'Webhooks may go to private and loopback addresses, there over plain HTTP too',
    ),
    WEBHOOK_GIVE_UP_DAYS: z.coerce
      .number()
      .min(0.01)
      .max(60)
      .default(3)
      .describe('A webhook that has failed for so many days is disabled'),
    WEBHOOK_KEEP_DAYS: z.coerce
      .number()
      .min(1)
      .max(3650)
      .default(30)
      .describe('What was sent to webhooks is remembered for so many days'),
    ANCHOR_FILE: z
      .string()
      .optional()
      .describe(
        'File, best on another machine’s disk, in which the heads of the audit and timeline chains are noted once a day; empty: nowhere',
      ),
    SWEEP_SECONDS: seconds(15, 1, 600).describe('How often due timers are swept from the database'),

    SMS: z
      .enum(['off', 'file', 'aliyun'])
      .default('off')
      .describe('Who carries SMS: nobody, files in VAR_DIR/sms (for trials), or Alibaba Cloud'),
    SMS_URL: z
      .url({ protocol: /^https?$/ })
      .default('https://dysmsapi.aliyuncs.com')
      .describe('Address of the SMS provider'),
    SMS_ACCESS_KEY_ID: z.string().default('').describe('Access key of the SMS provider'),
    SMS_ACCESS_KEY_SECRET: z.string().default('').describe('Its secret'),
    SMS_SIGN_NAME: z.string().max(20).default('').describe('Signature (签名) the provider has approved'),
    SMS_RECEIPT_SECRET: z
      .string()
      .regex(/^[\w-]{16,100}$/)
      .optional()
      .describe(
        'Secret in the address to which the provider posts delivery receipts; without it none are taken',
      ),
    SMS_QUIET_HOURS: z
      .string()
      .regex(QUIET)
      .default('21:00-08:00')
      .describe('City times between which citizens get no SMS but urgent ones, or none'),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/ })
      .optional()
      .describe('Mail server, smtp://user:password@host:port; without it no e-mail is sent'),
    MAIL_FROM: z.email().optional().describe('Sender’s address of e-mail'),
    MESSAGE_ATTEMPTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(20)
      .default(6)
      .describe('How often a message is tried before it has failed'),
    MESSAGE_RETRY_SECONDS: seconds(30, 1, 3600).describe(
      'Before the second attempt of a message; four times as long before each further one, at most an hour',
    ),
  })
  .superRefine((value, context) => {
    if (value.TLS === 'files' && !(value.TLS_CERT_FILE && value.TLS_KEY_FILE))
      context.addIssue({
        code: 'custom',
        path: ['TLS'],
        message: 'TLS=files needs TLS_CERT_FILE and TLS_KEY_FILE',
      });
    if (value.SMS === 'aliyun')
      for (const path of ['SMS_ACCESS_KEY_ID', 'SMS_ACCESS_KEY_SECRET', 'SMS_SIGN_NAME'] as const)
        if (!value[path])
          context.addIssue({ code: 'custom', path: [path], message: 'needed to send SMS (SMS=aliyun)' });
    if (value.SMTP_URL && !value.MAIL_FROM)
      context.addIssue({ code: 'custom', path: ['MAIL_FROM'], message: 'needed to send e-mail (SMTP_URL)' });
    if (value.SWITCH === 'asterisk' && !value.ARI_PASSWORD)
      context.addIssue({ code: 'custom', path: ['ARI_PASSWORD'], message: 'needed to control Asterisk' });
  });

export type Config = z.infer<typeof settings>;

/** Reads the settings from the environment. Throws one Error that names every faulty setting. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = settings.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`Settings that cannot be used:\n${lines.join('\n')}`);
}
