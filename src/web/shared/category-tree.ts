import type { CategoryChoice } from './directory';

export interface CategoryNode {
  value: string;
  title: string;
  /** The whole path, for search and for the chosen value: `城市管理 / 噪音扰民`. */
  path: string;
  selectable: boolean;
  children?: CategoryNode[];
}

/** The flat list as a tree for a TreeSelect. Children of unknown parents stay reachable at the top. */
export function categoryTree(categories: readonly CategoryChoice[]): CategoryNode[] {
  const known = new Set(categories.map((category) => category.code));
  const below = (parent: CategoryChoice | null, path: string): CategoryNode[] =>
    categories
      .filter((one) =>
        parent ? one.parentCode === parent.code : !one.parentCode || !known.has(one.parentCode),
      )
      .map((one) => {
        const whole = path ? `${path} / ${one.name}` : one.name;
        const children = below(one, whole);
        const node = { value: one.code, title: one.name, path: whole, selectable: one.leaf };
        return children.length ? { ...node, children } : node;
      });
  return below(null, '');
}

/** Which unit the catalogue proposes for a matter in a place, and why: territory first, then who is in charge (R2). */
export function proposedUnit(
  category: Pick<CategoryChoice, 'units'> | undefined,
  areaCode: string | null,
): { unitId: string; why: string } | null {
  const here = areaCode === null ? undefined : category?.units.find((entry) => entry.areaCode === areaCode);
  if (here) return { unitId: here.unitId, why: '属地管理优先：按事发地建议' };
  const city = category?.units.find((entry) => entry.areaCode === null);
  return city ? { unitId: city.unitId, why: '谁主管、谁负责：按诉求分类建议' } : null;
}
