import { z } from 'zod';
import { ticketText } from './ticket';

/** Codes of categories: never changed, never given to another. */
export const categoryCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, '编码应为字母、数字、点、横线');
const name = ticketText(60).min(1);
const regulation = z
  .strictObject({ workingDays: z.int().min(1).max(365), name: ticketText(120).min(1) })
  .nullable();

export const newCategory = z.strictObject({
  code: categoryCode,
  parentCode: categoryCode.nullable().default(null),
  name,
  /** Water, power, gas, heat: dispatched within 2 hours. */
  utility: z.boolean().default(false),
  /** T4: the time the matter's own regulation sets for complaints and reports. */
  regulation: regulation.default(null),
});
export type NewCategory = z.output<typeof newCategory>;

export const categoryChange = z.strictObject({
  version: z.int().min(1),
  name: name.optional(),
  parentCode: categoryCode.nullable().optional(),
  utility: z.boolean().optional(),
  regulation: regulation.optional(),
  active: z.boolean().optional(),
});
export type CategoryChange = z.output<typeof categoryChange>;

/** A category as its administrators see it, also one no longer in use. */
export const categoryState = z.object({
  code: z.string(),
  version: z.int(),
  parentCode: z.string().nullable(),
  name: z.string(),
  utility: z.boolean(),
  regulation,
  active: z.boolean(),
});
export type CategoryState = z.infer<typeof categoryState>;

const DEEPEST = 5;

/** Why a category cannot stand below another one, in Chinese; null when it can. */
export function whyNotBelow(
  code: string,
  parentCode: string | null,
  tree: ReadonlyMap<string, CategoryState>,
  withUnits: ReadonlySet<string>,
): string | null {
  if (parentCode === null) return null;
  const parent = tree.get(parentCode);
  if (!parent?.active) return '没有这个上级类别，或已停用。';
  if (withUnits.has(parentCode)) return `类别“${parent.name}”已有派单目录，其下不能再设类别。`;
  const above: string[] = [];
  for (let each: string | null = parentCode; each !== null; each = tree.get(each)?.parentCode ?? null) {
    if (each === code || above.includes(each)) return '类别不能移到自己的下级。';
    above.push(each);
  }
  return above.length + heightOf(code, tree) > DEEPEST ? `类别最多 ${DEEPEST} 级。` : null;
}

function heightOf(code: string, tree: ReadonlyMap<string, CategoryState>): number {
  const children = [...tree.values()].filter(({ parentCode }) => parentCode === code);
  return 1 + Math.max(0, ...children.map((child) => heightOf(child.code, tree)));
}

/** One row of the dispatch catalogue (派单目录): category × place → unit (R2). */
export const catalogueRow = z.object({
  categoryCode: z.string(),
  categoryName: z.string(),
  areaCode: z.string().nullable().describe('空为全市'),
  unitId: z.string(),
  unitName: z.string().nullable(),
  version: z.int(),
});
export type CatalogueRow = z.infer<typeof catalogueRow>;

export const CATALOGUE_COLUMNS = ['类别编码', '类别名称', '区县代码', '单位编码', '单位名称'] as const;

export const catalogueCells = (row: CatalogueRow): string[] => [
  row.categoryCode,
  row.categoryName,
  row.areaCode ?? '',
  row.unitId,
  row.unitName ?? '',
];

/** What a sheet's row says; a Chinese sentence when it cannot be read. */
export function readCatalogueCells(
  columns: readonly string[],
  cells: readonly string[],
): { categoryCode: string; areaCode: string; unit: string } | string {
  const of = (title: (typeof CATALOGUE_COLUMNS)[number]) =>
    (cells[columns.indexOf(title)] ?? '').replace(/^'/, '').normalize('NFKC').trim();
  const [code, areaCode] = [of('类别编码'), of('区县代码')];
  const unit = of('单位编码') || of('单位名称');
  if (!categoryCode.safeParse(code).success) return '缺少类别编码，或编码有误';
  if (areaCode !== '' && !/^\d{6}$/.test(areaCode)) return '区县代码应为6位数字，空为全市';
  return unit ? { categoryCode: code, areaCode, unit } : '缺少单位编码或单位名称';
}
