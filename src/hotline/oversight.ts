import { Anchoring } from '../oversight/anchoring.service';
import { verificationRoutes } from '../oversight/verification.routes';
import { ChainVerifier } from '../oversight/verification.service';
import { TimelineChainStore } from '../tickets/timeline-chain.store';
import { clock, type Ground } from './ground';

/** The chains' verification, and the daily note of their heads outside the database (G1). */
export function buildOversight({ config, log, database, audit, lifecycle, http }: Ground): void {
  const timelines = new TimelineChainStore(database);
  const file = config.ANCHOR_FILE;
  const anchoring = file ? new Anchoring({ file, audit, timelines, clock, log }) : null;
  if (anchoring) lifecycle.add('anchoring', anchoring);
  const verifier = new ChainVerifier({
    audit,
    timelines,
    anchors: async () => (await anchoring?.all()) ?? [],
    clock,
    onFault: (fault) => log.error({ err: fault }, 'chains not verified'),
  });
  http.mount(verificationRoutes({ verifier }));
}
