import type { UnitChoice } from './directory';

export interface Area {
  code: string;
  name: string;
}

/** The counties and districts (L2), as their responsible units name them: `潞州区便民热线办公室` → `潞州区`. */
export function areasOf(units: readonly UnitChoice[]): Area[] {
  const areas = new Map<string, string>();
  for (const unit of units) {
    if (unit.kind !== 'county' || areas.has(unit.areaCode)) continue;
    areas.set(unit.areaCode, unit.name.replace(/(便民热线|人民政府|政府|管委会|管理委员会).*$/, ''));
  }
  return [...areas].map(([code, name]) => ({ code, name }));
}
