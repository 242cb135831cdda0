import { z } from 'zod';
import { route, type Route } from '../platform/http-route';
import { verification } from './verification';
import type { ChainVerifier } from './verification.service';

/** The verification of the chains: a long one is asked for again until it has finished. */
export function verificationRoutes({ verifier }: { verifier: Pick<ChainVerifier, 'look'> }): Route[] {
  return [
    route({
      method: 'get',
      path: '/audit/verification',
      summary: '核验审计链和工单办理过程链（G1）；运行中可反复查询进度',
      tag: '审计',
      action: 'audit.view',
      query: z.object({ anew: z.enum(['true', 'false']).default('false') }),
      reply: verification,
      handle: async ({ query }) => verifier.look(query.anew === 'true'),
    }),
  ];
}
