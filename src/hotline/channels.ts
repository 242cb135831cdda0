import { open311KeyRoutes, open311Router } from '../channels/open311.routes';
import { Open311 } from '../channels/open311.service';
import { Open311Store } from '../channels/open311.store';
import { xmlOf } from '../channels/open311-xml.adapter';
import { clientAddress } from '../platform/http-origin';
import { Throttle } from '../platform/throttle';
import { CategoryStore } from '../tickets/category.store';
import type { TicketService } from '../tickets/ticket.service';
import { clock, type Ground } from './ground';

/** Ways in beside the telephone (R1). */
export function buildChannels(
  { config, database, redis, audit, http }: Ground,
  tickets: Pick<TicketService, 'open'>,
): void {
  const limit = (name: string, points: number) =>
    new Throttle(redis, config.REDIS_PREFIX, { name, points, windowSeconds: 60 });
  const open311 = new Open311({
    store: new Open311Store(database),
    categories: new CategoryStore(database),
    tickets,
    limits: {
      posts: limit('open311-posts', config.OPEN311_POSTS),
      reads: limit('open311-reads', config.OPEN311_READS),
    },
    ...{ audit, clock, areaCode: config.AREA_CODE },
    jurisdiction: config.OPEN311_JURISDICTION,
    shown: config.OPEN311_SHOWS,
  });
  http.mount(open311KeyRoutes({ open311 }));
  http.mountGuest(
    '/open311',
    open311Router({
      open311,
      xml: xmlOf,
      addressOf: (request) => clientAddress(request, config.TRUST_PROXY),
      publicUrl: config.PUBLIC_URL?.replace(/\/$/, '') ?? null,
      contact: config.HOTLINE_NUMBER,
    }),
  );
}
