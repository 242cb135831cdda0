import { join } from 'node:path';
import { EMPTY_BOOK, type Protected } from '../calls/nuisance';
import { nuisanceRoutes } from '../calls/nuisance.routes';
import { NuisanceList } from '../calls/nuisance.service';
import { NuisanceStore } from '../calls/nuisance.store';
import { cityDay, cityWords, shiftDay } from '../deadlines/city-time';
import { Contacts } from '../directory/contact.service';
import { Directory } from '../directory/directory.service';
import { AudioConverter } from '../intake/audio-conversion.adapter';
import { MenuStore } from '../intake/menu.store';
import { PromptFolder, ShippedPrompts } from '../intake/prompt-folder.adapter';
import { promptRoutes } from '../intake/prompt.routes';
import { PromptService } from '../intake/prompt.service';
import { PromptStore } from '../intake/prompt.store';
import { writeSheet } from '../lines/line-sheet.adapter';
import { LineService } from '../lines/line.service';
import { normaliseNumber } from '../lines/phone-number';
import { Kept } from '../platform/kept';
import { clock, type Ground } from './ground';
import { callFactsFrom } from './calls';

/** The recordings callers hear, and their replacement. */
export function buildPrompts(
  { config, log, database, audit, lifecycle, http }: Ground,
  lines: LineService,
  menus: MenuStore,
): PromptService {
  const prompts = new PromptService({
    store: new PromptStore(database),
    folder: new PromptFolder(config.PROMPTS_DIR ?? join(config.VAR_DIR, 'prompts')),
    shipped: new ShippedPrompts('asterisk-config'),
    converter: new AudioConverter(config.FFMPEG, log),
    audit,
    clock,
    log,
    lines: () => lines.list(),
    linesWithMenu: () =>
      lines
        .list()
        .map(({ lineId }) => lineId)
        .filter((lineId) => menus.menuOf(lineId).length > 0),
  });
  lifecycle.add('prompts', prompts);
  http.mount(promptRoutes({ prompts }));
  return prompts;
}

/** Nuisance callers: who is on the list, and who never can be. */
export function buildNuisance(
  { config, log, database, audit, lifecycle, http }: Ground,
  parts: {
    directory: Directory;
    lines: LineService;
    contacts: Contacts;
    callFacts: ReturnType<typeof callFactsFrom>;
  },
): NuisanceList {
  const { directory, lines, contacts, callFacts } = parts;
  const store = new NuisanceStore(database);
  const kept = new Kept({ name: 'nuisance list', source: store, first: EMPTY_BOOK, log });
  const normal = (number: string) => normaliseNumber(number, config.AREA_CODE) ?? number;
  const nuisance = new NuisanceList({
    store,
    kept,
    audit,
    clock,
    areaCode: config.AREA_CODE,
    policy: {
      maxDays: config.NUISANCE_MAX_DAYS,
      repeatCalls: config.NUISANCE_REPEAT_CALLS,
      repeatMs: config.NUISANCE_REPEAT_MINUTES * 60_000,
    },
    day: cityDay,
    shiftDay,
    guarded: (): Protected[] => [
      { number: config.HOTLINE_NUMBER, words: '本热线' },
      ...lines.list().flatMap(({ name, numbers, parallelDestination }) =>
        [...numbers, ...(parallelDestination === null ? [] : [normal(parallelDestination)])].map(
          (number) => ({
            number,
            words: `热线“${name}”`,
          }),
        ),
      ),
      ...directory.units().map(({ name, contactPhone }) => ({ number: normal(contactPhone), words: name })),
      ...contacts.all().map(({ name, number }) => ({ number, words: `转接目标“${name}”` })),
    ],
    callFacts,
    lineKnown: (lineId) => lines.line(lineId) !== null,
  });
  lifecycle.add('nuisance list', kept);
  const maxDays = config.NUISANCE_MAX_DAYS;
  http.mount(nuisanceRoutes({ nuisance, areaCode: config.AREA_CODE, maxDays, writeSheet, cityWords }));
  return nuisance;
}
