import { api } from './api';
import { useResource, type Resource } from './use-resource';

export interface UnitChoice {
  unitId: string;
  name: string;
  kind: string;
  areaCode: string | null;
}
export interface CategoryChoice {
  code: string;
  name: string;
  parentCode: string | null;
  defaultUnitId: string | null;
}

/** The units work orders are sent to. */
export function useUnits(): Resource<UnitChoice[]> {
  return useResource(
    async (signal) => (await api.get<{ units: UnitChoice[] }>('/units', { signal })).units,
    [],
  );
}

/** The categories (诉求分类) of work orders, flat; a top one has no parent. */
export function useCategories(): Resource<CategoryChoice[]> {
  return useResource(
    async (signal) =>
      (await api.get<{ categories: CategoryChoice[] }>('/tickets/categories', { signal })).categories,
    [],
  );
}

export interface CategoryNode {
  value: string;
  title: string;
  /** The whole path, for search and for the chosen value: `城市管理 / 噪音扰民`. */
  path: string;
  children?: CategoryNode[];
}

/** The flat list as a tree for a TreeSelect. Children of unknown parents stay reachable at the top. */
export function categoryTree(categories: CategoryChoice[]): CategoryNode[] {
  const known = new Set(categories.map((category) => category.code));
  const below = (parent: CategoryChoice | null, path: string): CategoryNode[] =>
    categories
      .filter((one) =>
        parent ? one.parentCode === parent.code : !one.parentCode || !known.has(one.parentCode),
      )
      .map((one) => {
        const whole = path ? `${path} / ${one.name}` : one.name;
        const children = below(one, whole);
        return { value: one.code, title: one.name, path: whole, ...(children.length ? { children } : {}) };
      });
  return below(null, '');
}
