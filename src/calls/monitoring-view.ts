import { z } from 'zod';
import { seatView } from '../seats/seat-view';
import { MONITORING_STAGES } from './monitoring';

const instant = z.number().describe('自 1970 年起的毫秒数（UTC）');
export const listenMode = z.enum(['listen', 'whisper']);
const stage = z.enum(MONITORING_STAGES);

/** A supervisor's own monitoring. */
export const monitoringView = z.object({
  monitoringId: z.string(),
  seatId: z.string(),
  seatName: z.string(),
  callId: z.string(),
  mode: listenMode,
  stage,
  reason: z.string(),
  askedAt: instant,
  /** Since when this stage lasts. */
  since: instant,
});

/** A seat as a supervisor sees it: with its call, and who listens to it. */
export const monitoredSeat = seatView.extend({
  call: z
    .object({
      callId: z.string(),
      lineName: z.string(),
      caller: z.string().describe('脱敏后的号码'),
      direction: z.enum(['inbound', 'outbound', 'callback']),
      held: z.boolean(),
      owner: z.boolean().describe('该坐席主持通话；只有主持方可被接管'),
      parties: z.int().describe('通话中的其他各方人数（不含诉求人与主持坐席）'),
    })
    .nullable(),
  monitoredBy: z.array(z.object({ supervisorId: z.string(), name: z.string(), stage })),
});

export type MonitoredSeat = z.output<typeof monitoredSeat>;
export type MonitoringView = z.output<typeof monitoringView>;
