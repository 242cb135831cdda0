/** The emergency desks of every city (国办发〔2022〕12号): always offered. */
export const EMERGENCY_DESKS = {
  '110': '公安报警',
  '119': '消防救援',
  '120': '医疗急救',
  '122': '交通事故',
} as const;
