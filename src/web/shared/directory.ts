import type { UnitKind } from '../../directory/unit';
import { api } from './api';
import { useResource, type Resource } from './use-resource';

export interface UnitChoice {
  unitId: string;
  name: string;
  kind: UnitKind;
  /** `city`, or the area code of the county or district. */
  areaCode: string;
}
/** A category (诉求分类); only a leaf can be chosen for a work order. */
export interface CategoryChoice {
  code: string;
  name: string;
  parentCode: string | null;
  leaf: boolean;
  /** The dispatch catalogue (派单目录): who handles it, in a place or (area null) in the whole city. */
  units: { areaCode: string | null; unitId: string }[];
}

/** The units work orders are sent to. */
export function useUnits(): Resource<UnitChoice[]> {
  return useResource(
    async (signal) => (await api.get<{ units: UnitChoice[] }>('/units', { signal })).units,
    [],
  );
}

/** The categories of work orders, flat; a top one has no parent. */
export function useCategories(): Resource<CategoryChoice[]> {
  return useResource(
    async (signal) => (await api.get<{ items: CategoryChoice[] }>('/ticket-categories', { signal })).items,
    [],
  );
}
