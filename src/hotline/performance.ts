import { Directory } from '../directory/directory.service';
import { writeSheet } from '../lines/line-sheet.adapter';
import { performanceRoutes } from '../performance/performance.routes';
import { Performance } from '../performance/performance.service';
import { PerformanceStore } from '../performance/performance.store';
import { CategoryStore } from '../tickets/category.store';
import { clock, type Ground } from './ground';

/** The assessment of the units (P1); evaluation/ tells its store what is corrected in closed months. */
export function buildPerformance({ database, audit, http }: Ground, directory: Directory): PerformanceStore {
  const store = new PerformanceStore(database);
  const categories = new CategoryStore(database);
  const areaOf = (code: string) =>
    directory.units().find(({ kind, areaCode }) => kind === 'county' && areaCode === code)?.name ?? null;
  const performance = new Performance({
    ...{ store, audit, clock },
    nameOf: async (by, key) => {
      if (by === 'unit') return key === '' ? '12345直接办理' : (directory.unit(key)?.name ?? null);
      if (by === 'area') return key === '' ? '未填区县' : areaOf(key);
      return (await categories.find(key))?.name ?? null;
    },
  });
  http.mount(performanceRoutes({ performance, store, write: writeSheet }));
  return store;
}
