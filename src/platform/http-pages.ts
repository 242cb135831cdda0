import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import express, { Router, type Response } from 'express';
import helmet from 'helmet';
import type { RequestHandler } from 'express';

/** The browser's pages; each is its own single-page application with its own HTML. */
const PAGES = ['desk', 'portal', 'admin', 'wallboard', 'oversight', 'citizen'] as const;

/**
 * Security headers. The content policy allows our own scripts, our own sockets and the inline styles Ant Design
 * writes; nothing from elsewhere, no inline script, no framing.
 */
export function securityHeaders(encrypted: boolean): RequestHandler[] {
  const own = "'self'";
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: [own],
          scriptSrc: [own],
          scriptSrcAttr: ["'none'"],
          styleSrc: [own, "'unsafe-inline'"],
          imgSrc: [own, 'data:', 'blob:'],
          fontSrc: [own, 'data:'],
          mediaSrc: [own, 'blob:'],
          connectSrc: [own],
          workerSrc: [own, 'blob:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: [own],
          frameAncestors: ["'none'"],
        },
      },
      strictTransportSecurity: encrypted ? { maxAge: 15_552_000, includeSubDomains: false } : false,
      // On plain HTTP browsers ignore these two and complain in the console.
      crossOriginOpenerPolicy: encrypted ? { policy: 'same-origin' } : false,
      originAgentCluster: encrypted,
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    }),
    (_request, response, next) => {
      response.setHeader(
        'Permissions-Policy',
        'microphone=(self), camera=(), geolocation=(), payment=(), usb=()',
      );
      next();
    },
  ];
}

/** Serves the built pages: `/desk` and everything below it gets the desk's HTML, `/` the sign-in page. */
export function pages(webRoot: string): Router {
  const root = resolve(webRoot);
  const router = Router();
  router.use(
    '/assets',
    express.static(join(root, 'assets'), {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      immutable: true,
      maxAge: '365d',
    }),
  );
  router.use(
    express.static(root, { index: false, redirect: false, dotfiles: 'ignore', extensions: [], maxAge: 0 }),
  );
  router.get('/', (_request, response) => sendPage(response, root, 'index'));
  for (const name of PAGES) {
    router.get([`/${name}`, `/${name}/{*rest}`], (_request, response) => sendPage(response, root, name));
  }
  return router;
}

function sendPage(response: Response, root: string, name: string): void {
  const file = [`${name}.html`, `${name}/index.html`].find((path) => existsSync(join(root, path)));
  if (file) {
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(file, { root, cacheControl: false });
  } else {
    response
      .status(existsSync(root) ? 404 : 503)
      .type('text/plain; charset=utf-8')
      .send('页面尚未构建：请运行 npm start');
  }
}
