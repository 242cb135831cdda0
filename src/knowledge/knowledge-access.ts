import { HotlineError } from '../errors';
import { may } from '../permissions';
import type { Caller } from '../platform/http-route';

/** Whether an article or task is somebody's own: the hotline's people keep all, a unit's clerk the own unit's. */
export function isOwn(unitId: string, caller: Pick<Caller, 'role' | 'unitId'>): boolean {
  return may(caller.role, 'knowledge.write') && (caller.role !== 'unit' || caller.unitId === unitId);
}

/** The unit to which a list is narrowed for its caller; null: all. Throws `not-allowed` for a clerk without a unit. */
export function scopeOf(caller: Pick<Caller, 'role' | 'unitId'>): string | null {
  if (caller.role !== 'unit') return null;
  if (caller.unitId === null) throw new HotlineError('not-allowed', '该账号没有所属单位。');
  return caller.unitId;
}
