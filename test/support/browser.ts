import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { testServers } from './servers';

/** A tone instead of a microphone, permission given, and media over loopback. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
];

/** One Chromium for a test file; `close` when done. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: testServers().chromium, args: ARGS });
}

/** A person's browser window of the size of a desk, in another zone than the city's; collects what the page complains about. */
export async function openWindow(
  browser: Browser,
  url: string,
): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
    baseURL: url,
    // A certificate made on demand is nobody’s but ours.
    ignoreHTTPSErrors: url.startsWith('https:'),
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (fault) => complaints.push(String(fault)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** Signs in by the sign-in page and waits for the desk. */
export async function signInAtDesk(page: Page, account: { name: string; password: string }): Promise<void> {
  await page.goto('/');
  await page.getByLabel('账号').fill(account.name);
  await page.getByLabel('密码', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: '登录' }).click();
  await page.waitForURL('**/desk');
}

/** Takes the seat with the page's phone, unless it is taken already, and waits until it is registered. */
export async function takeSeat(page: Page): Promise<void> {
  await page.locator('[data-testid=link][data-live=true]').waitFor();
  const signIn = page.getByRole('button', { name: '签入坐席' });
  if (await signIn.isVisible()) await signIn.click();
  await page.locator('[data-testid=phone-status][data-line=registered]').waitFor();
}

/** Waits for a state of the seat as the page shows it. */
export async function seatState(page: Page, state: string, limitMs = 15_000): Promise<void> {
  await page.locator(`[data-testid=seat-state][data-state=${state}]`).waitFor({ timeout: limitMs });
}

/** Makes the page's browser one that does not speak G.711, so that another codec must be agreed on. */
export async function withoutG711(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const phones = RTCPeerConnection.prototype;
    const whole = phones.setRemoteDescription as (description: RTCSessionDescriptionInit) => Promise<void>;
    phones.setRemoteDescription = function (
      this: RTCPeerConnection,
      { type, sdp }: RTCSessionDescriptionInit,
    ) {
      const left = (sdp ?? '')
        .replace(/^a=rtpmap:[08] .*\r\n/gm, '')
        .replace(/^m=audio (\d+ \S+)(.*)/m, (_, place: string, types: string) => {
          const others = types
            .trim()
            .split(' ')
            .filter((one) => one !== '0' && one !== '8');
          return ['m=audio', place, ...others].join(' ');
        });
      return whole.call(this, { type, sdp: left });
    };
  });
}
