import { z } from 'zod';

/** Kinds of responsible units (L2). */
export const UNIT_KINDS = {
  department: '市直部门',
  county: '县（区）责任单位',
  'public-utility': '公共服务企业',
  'mass-organisation': '群团组织',
} as const;
export type UnitKind = keyof typeof UNIT_KINDS;

export const unitKind = z.enum(Object.keys(UNIT_KINDS) as [UnitKind, ...UnitKind[]]);

/** A responsible unit: its id is a code that never changes (`sjj`, `140403`). */
export const unit = z.object({
  unitId: z.string().regex(/^[a-z0-9-]{2,40}$/),
  name: z.string().trim().min(1).max(60),
  kind: unitKind,
  /** `city`, or the area code of the county or district. */
  areaCode: z.string().regex(/^(city|\d{6})$/),
  /** Who answers for the hotline's matters there (L2). */
  contactPerson: z.string().trim().max(40),
  contactPhone: z.string().trim().max(40),
});
export type Unit = z.infer<typeof unit>;
